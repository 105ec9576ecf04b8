import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { subagentsDir } from './transcript-places.ts'

/** Notices that a transcript, or one of its subagents', has grown. Misses are the caller's to poll for. */
export class TranscriptWatch {
  readonly #onGrowth: () => void
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(onGrowth: () => void) {
    this.#onGrowth = onGrowth
  }

  /** Watches from now on what lies at the path; cheap to call again. */
  follow(path: string): void {
    const name = basename(path)
    this.#watch(dirname(path), (changed) => changed === null || changed === name)
    this.#watch(subagentsDir(path), () => true)
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #watch(folder: string, concerns: (changed: string | null) => boolean): void {
    if (this.#watchers.has(folder)) return
    try {
      const watcher = watch(folder, { persistent: false }, (_, changed) => {
        if (concerns(changed)) this.#onGrowth()
      })
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch {
      // Not there yet; the next read asks again.
    }
  }
}
