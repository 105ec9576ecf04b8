import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { subagentsDir } from './transcript-places.ts'

// The first session in a place makes its folder, and the first of all the one around it.
const foldersMadeLater = 2

/** Notices that a transcript, or one of its subagents', has begun or grown. Misses are the caller's to poll for. */
export class TranscriptWatch {
  readonly #onGrowth: () => void
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(onGrowth: () => void) {
    this.#onGrowth = onGrowth
  }

  /** Watches from now on what lies at the path, or will; cheap to call again. */
  follow(path: string): void {
    this.#watchNearest(path, foldersMadeLater)
    this.#watch(subagentsDir(path))
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** Watches the folder the path is in, or as long as there is none, the one it will be made in. */
  #watchNearest(path: string, upwards: number): void {
    const folder = dirname(path)
    if (this.#watch(folder, basename(path))) this.#leave(dirname(folder))
    else if (upwards > 0) this.#watchNearest(folder, upwards - 1)
  }

  /** Whether the folder is watched now, for changes of what has this name or of anything in it. */
  #watch(folder: string, name?: string): boolean {
    if (this.#watchers.has(folder)) return true
    try {
      const watcher = watch(folder, { persistent: false }, (_, changed) => {
        if (name === undefined || changed === null || changed === name) this.#onGrowth()
      })
      watcher.on('error', () => this.#leave(folder))
      this.#watchers.set(folder, watcher)
      // What was written between the last look and this moment.
      this.#onGrowth()
      return true
    } catch {
      // Not there yet; the next read asks again.
      return false
    }
  }

  #leave(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}
