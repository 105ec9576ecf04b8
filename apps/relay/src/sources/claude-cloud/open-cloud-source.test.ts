import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startSessionApi } from '../../../../../test/session-api/session-api.ts'
import { createMemorySink } from '../../../../../test/support/memory-sink.ts'
import { tempFolder } from '../../../../../test/support/temp-folder.ts'
import { createVirtualTime } from '../../../../../test/support/virtual-time.ts'
import { openCloudSource } from './open-cloud-source.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test.each([
  ['ahead', 9 * HOUR],
  ['behind', -9 * HOUR],
])(
  '[A-11] a clock that is hours %s stops nothing, is named, and is said first when the login ends',
  async (word, offMs) => {
    const time = createVirtualTime()
    using folder = tempFolder()
    await using api = await startSessionApi({ time })
    await api.writeLogin(join(folder.path, '.claude'))
    api.addSession({ kind: 'cloud' })
    const memory = createMemorySink()
    const source = openCloudSource({
      url: api.url,
      env: {},
      home: folder.path,
      timing: { nowMs: () => time.nowMs() + offMs, wait: time.wait },
    })
    const stop = new AbortController()
    using _ = { [Symbol.dispose]: () => stop.abort() }
    source.run(memory.sink, stop.signal).catch(() => {})
    const details = () => source.details?.().join('\n')

    await time.pass(2 * MINUTE)
    expect(memory.health.at(-1)?.state).toBe('ok')
    expect(details()).toMatch(new RegExp(`The clock of this machine is \\d+ s ${word}`))
    expect(details()).toMatch(/Login: .*, good until/)

    api.rotateToken()
    for (const session of api.sessions) session.cutStreams()
    await time.pass(70 * MINUTE)
    expect(memory.health.at(-1)).toMatchObject({
      state: 'down',
      text: expect.stringMatching(/clock is off by 9 hours.*claude auth login/),
    })

    await api.writeLogin(join(folder.path, '.claude'))
    await time.pass(3 * MINUTE)
    expect(memory.health.at(-1)?.state).toBe('ok')
  },
)
