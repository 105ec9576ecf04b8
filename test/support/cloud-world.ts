import type { SessionId } from '@bellhop/core'
import { createClaudeCloudSource } from '../../apps/relay/src/sources/claude-cloud/claude-cloud-source.ts'
import { sessionIdOf } from '../../apps/relay/src/sources/claude-cloud/session-names.ts'
import { createSkipCounter } from '../../apps/relay/src/sources/claude-cloud/wire/skip-counter.ts'
import { createMemorySink } from './memory-sink.ts'
import { openPlainReader } from './plain-reader.ts'
import { createScriptedCloud } from './scripted-cloud.ts'
import { createVirtualTime } from './virtual-time.ts'

/** The cloud source on an account a test plays by hand; disposing ends every run of it. */
export const openCloudWorld = (kept?: Map<string, string>) => {
  const time = createVirtualTime()
  const cloud = createScriptedCloud(time)
  const memory = createMemorySink(kept)
  const running = new Set<AbortController>()
  let opened = 0
  const source = createClaudeCloudSource({
    api: cloud.api,
    older: cloud.older,
    timing: time,
    skips: createSkipCounter(),
    openReader: (about) => {
      opened += 1
      return openPlainReader(about)
    },
    capabilitiesOf: () => ['prompt'],
    random: () => 1,
  })
  const start = () => {
    const stop = new AbortController()
    running.add(stop)
    const done = source.run(memory.sink, stop.signal)
    return { stop, done }
  }
  return {
    time,
    cloud,
    memory,
    source,
    start,
    /** How many readers were made. */
    opened: () => opened,
    [Symbol.dispose]: () => {
      for (const stop of running) stop.abort()
    },
    /** Somebody looks at these just now, and at no others. */
    look: (...suffixes: string[]) =>
      source.focus?.(new Set<SessionId>(suffixes.map(sessionIdOf)), false),
  }
}
/** What a session said, by its own count. */
export const numbered = (suffix: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${suffix} ${from + at}`)
