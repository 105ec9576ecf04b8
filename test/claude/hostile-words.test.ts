import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClaudeRelay } from '../support/claude-relay.ts'
import { until } from '../support/until.ts'

test('[I11] words typed into a terminal stay words: no key in them runs a shell, a command or a menu', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open({ insideTmux: true })
  const { sessionId } = await claude.newSession()
  const mark = join(claude.rig.project, 'ran')
  for (const [place, before] of ['\u007f', 'hello\r', 'a\u0015', ' \b', '\u001b[D'].entries()) {
    const text = `${before}!touch ${mark}; echo ${place};`
    expect(await claude.phone.send({ type: 'prompt', sessionId, text })).toMatchObject({
      state: 'done',
    })
    await terminal.waitFor(new RegExp(`● You said:[^]*echo ${place};`))
    expect(existsSync(mark)).toBe(false)
  }
  const mine = claude.rows(sessionId).filter((row) => row.kind === 'person')
  expect(mine.every((row) => 'deviceName' in row && row.deviceName === 'Test phone')).toBe(true)
})

test('[I11] words for a session in the background are never options of the program', async () => {
  await using claude = await startClaudeRelay()
  await claude.rig.run(['--bg', '--name', 'errand', '@@say at rest'])
  const { sessionId } = await claude.newSession()
  await claude.session(
    sessionId,
    (session) => session.status === 'idle' && session.capabilities.includes('prompt'),
    'rest',
  )
  const mark = join(claude.rig.project, 'ran')
  const hook = { hooks: [{ type: 'command', command: `touch ${mark}` }] }
  const text = `--settings=${JSON.stringify({ hooks: { SessionStart: [hook] } })}`
  await claude.phone.send({ type: 'prompt', sessionId, text })
  const heard = () => claude.rig.api.requests.some(({ body }) => said(body).includes(text))
  await until(() => heard() || existsSync(mark), { what: 'the words', timeoutMs: 30_000 })
  expect(existsSync(mark)).toBe(false)
})

const said = (body: unknown): string => {
  const { messages } = (body ?? {}) as { messages?: { content?: unknown }[] }
  const content = messages?.at(-1)?.content
  return typeof content === 'string'
    ? content
    : ((content as { text?: string }[] | undefined)?.map(({ text }) => text ?? '').join('\n') ?? '')
}
