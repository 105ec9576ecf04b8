import { ALL_SCOPES, type Ask, agentWords, type Place } from '@bellhop/core'
import { expect, test } from 'vitest'
import { accessibilityProblems } from '../support/accessibility.ts'
import { type AppOnPhone, openAppOnPhone } from '../support/app-on-phone.ts'
import { addMcpAgent } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'

const question: Ask = {
  kind: 'question',
  questions: [
    {
      question: 'Which store should hold the keys?',
      header: 'Store',
      multiple: false,
      choices: [{ label: 'Redis', description: 'Already runs' }, { label: 'Postgres' }],
    },
  ],
}
const plan: Ask = {
  kind: 'plan',
  plan: '# Split\n\n1. Move `orders/`\n2. Cut over\n\n```ts\nconst a = 1 // one\n```',
  modes: [
    { mode: 'default', words: 'Ask first' },
    { mode: 'acceptEdits', words: 'Accept edits' },
  ],
}

const held = {
  kind: 'agent',
  deviceId: 'dev_aaaaaaaaaaaa',
  agentName: 'desktop',
  command: {
    type: 'decide_permission',
    permissionId: 'per_tool',
    decision: { behavior: 'allow', input: { command: 'rm -r \u202Ebuild' } },
  },
} as unknown as Ask

const choices = { models: [{ value: 'opus', words: 'Opus' }] }
const place = {
  placeId: 'plc_cloud',
  sourceId: 'scripted',
  title: 'Default cloud',
  takesRepository: true,
  repositories: ['https://git.example/acme/shop-api'],
  choices,
} as unknown as Place

/** A list with every state in it, and a session with every kind of row. */
const fill = async ({ running: { source } }: AppOnPhone) => {
  const facts = { project: 'shop-api', branch: 'main', cwd: '/srv/shop-api' }
  const full = await source.start('everything', facts)
  await source.say(full, 'turn.started')
  await source.say(full, 'message.person', { messageId: 'p', text: 'Fix it.', from: 'person' })
  await source.say(full, 'message.thinking', { messageId: 't', text: 'Hm.' })
  const text =
    '# Found\n\n- one `two`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nlet a = 1 // x\n```'
  await source.say(full, 'message.agent', { messageId: 'm', text })
  const call = (toolCallId: string, tool: object) =>
    source.say(full, 'tool.started', { toolCallId, tool })
  await call('e', {
    kind: 'edit',
    name: 'Edit',
    path: '/srv/shop-api/a.ts',
    edits: [{ before: 'const a = 1', after: 'const b = 2' }],
  })
  await call('b', { kind: 'shell', name: 'Bash', command: 'npm test' })
  await source.say(full, 'tool.ended', {
    toolCallId: 'b',
    outcome: 'failed',
    result: {
      text: '\u001b[31mred\u001b[0m \u001b[38;5;220mpale\u001b[0m \u001b[7m FAIL \u001b[0m',
    },
  })
  const tasks = ['done', 'working', 'open'].map((state) => ({ text: `a ${state} task`, state }))
  await source.say(full, 'tasks.changed', { tasks })
  await call('r', { kind: 'shell', name: 'Bash', command: 'npm run build' })
  await source.signal({ type: 'text.partial', sessionId: full, text: 'Now it' })

  const failed = await source.start('failed', facts)
  await source.say(failed, 'turn.started')
  await source.say(failed, 'turn.ended', { outcome: 'failed', error: 'The API was overloaded.' })
  const ended = await source.start('ended', facts)
  await source.say(ended, 'session.ended', { reason: 'exited' })

  const command = await source.start('asks for a command', facts)
  await source.ask(command, 'per_tool', shellAsk('rm -rf build', ['Run exactly `rm -rf build`.']))
  const person = { kind: 'device', deviceId: 'dev_bbbbbbbbbbbb', name: 'iPhone' }
  const end = { permissionId: 'per_over', outcome: 'denied', by: person, text: 'Not now.' }
  await source.ask(command, 'per_over', held)
  await source.say(command, 'permission.resolved', end)
  const told = agentWords('desktop', 'Tell me when the tests are green.')
  await source.say(command, 'message.person', { messageId: 'a', text: told, from: 'person' })
  await source.ask(command, 'per_held', held)
  const asked = await source.start('asks a question', facts)
  await source.ask(asked, 'per_question', question)
  const planned = await source.start('has a plan', facts)
  await source.ask(planned, 'per_plan', plan)

  const away = await source.start('away', { ...facts, model: 'sonnet', contextUsed: 0.62, choices })
  const offlineSince = new Date(Date.now() - 600_000).toISOString()
  await source.say(away, 'session.changed', { offlineSince })
  const commandId = 'cmd_aaaaaaaaaaaa'
  await source.say(away, 'command.progressed', { commandId, stage: 'stored' })
  const words = { messageId: 'w', text: 'Are you there?', from: 'person', deviceName: 'iPhone' }
  await source.say(away, 'message.person', { ...words, causedBy: commandId })
  source.placesThere = [place]
  const signIn = 'The sign-in ended. Run `claude auth login`.'
  source.health({ state: 'down', text: signIn, details: ['Read by the event stream.'] })
  return { away, full, failed, ended, command, asked, planned }
}

test.each(['light', 'dark'] as const)(
  'in %s no screen has anything that keeps somebody from reading or working it',
  async (colorScheme) => {
    await using app = await openAppOnPhone({ paired: false, browser: { colorScheme } })
    const { page, running } = app
    const { pairing } = running.relay
    await page.goto((await pairing.offer({ confirm: false, scopes: ALL_SCOPES })).pairUrl)
    await app.sees('No sessions yet')
    const ids = await fill(app)
    await addMcpAgent(running, { asksFirst: true })
    const problems: Record<string, string[]> = {}
    const look = async (screen: string, hash: string, words: string | RegExp) => {
      await page.goto(`${running.origin}/#/${hash}`)
      await app.sees(words)
      problems[screen] = await accessibilityProblems(page)
    }
    await look('list', '', '3 need you')
    await look('session', `s/${ids.full}`, 'Now it')
    await look('failed session', `s/${ids.failed}`, 'Stopped: The API was overloaded.')
    await look('ended session', `s/${ids.ended}`, 'This session has ended')
    await look('permission', `s/${ids.command}/per_tool`, 'Run a command?')
    await app.tap('Always allow')
    await app.sees('Stop asking for this?')
    problems.rules = await accessibilityProblems(page)
    await look('agent', `s/${ids.command}/per_held`, 'desktop wants to answer a permission')
    await app.tap('Deny with a note')
    await app.sees('Deny, and say why')
    problems.note = await accessibilityProblems(page)
    await look('agent no longer asked', `s/${ids.command}/per_over`, 'Already denied, on iPhone')
    await app.tap('Close')
    await page.keyboard.press('Escape')
    await page.locator('.slip.foreign').waitFor()
    problems['agent in a session'] = await accessibilityProblems(page)
    await look('question', `s/${ids.asked}/per_question`, 'Which store should hold the keys?')
    await look('plan', `s/${ids.planned}/per_plan`, 'Plan ready')
    await look('away', `s/${ids.away}`, /No word from its machine/)
    await page.locator('button.receipt').click()
    await app.sees('Stored for the session')
    problems.trail = await accessibilityProblems(page)
    await app.tap('More about this session')
    await app.sees('62 %')
    problems.details = await accessibilityProblems(page)
    await page.getByRole('button', { name: /^Model/ }).click()
    await page.getByRole('radio', { name: 'Opus' }).waitFor()
    problems.models = await accessibilityProblems(page)
    await look('start', 'start', 'Choose a repository')
    await app.tap('Choose a repository')
    await app.sees('Used lately')
    problems.repositories = await accessibilityProblems(page)
    await look('settings', 'settings', 'Remove this phone')
    await look('sources', 'settings/sources', 'How it works just now')
    await look('devices', 'settings/devices', 'Other agents, over MCP')
    await look('notifications', 'settings/notifications', 'Ring this phone')
    expect(Object.entries(problems).filter(([, found]) => found.length > 0)).toEqual([])
    expect(Object.keys(problems)).toHaveLength(22)
  },
)
