import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { script, startClaudeRelay } from '../support/claude-relay.ts'
import type { ClaudeRig } from '../support/claude-rig.ts'
import { until } from '../support/until.ts'

const questions = [
  {
    question: 'Which framework?',
    header: 'Framework',
    multiSelect: false,
    options: [
      { label: 'Vue', description: 'the one' },
      { label: 'Solid', description: 'the other' },
    ],
  },
  {
    question: 'Which extras?',
    header: 'Extras',
    multiSelect: true,
    options: [
      { label: 'Lint', description: 'finds slips' },
      { label: 'Tests', description: 'finds faults' },
      { label: 'Docs', description: 'says what' },
    ],
  },
]

/** What the model was told last. */
function lastToldModel({ api }: ClaudeRig): string {
  const request = api.requests.findLast(({ path }) => path.startsWith('/v1/messages'))
  const body = request?.body as { messages: { role: string }[] } | undefined
  return JSON.stringify(body?.messages.findLast(({ role }) => role === 'user'))
}

test('[PE-1] questions are answered, several choices and own words among them', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()

  await terminal.submit(
    script(`@@tool AskUserQuestion ${JSON.stringify({ questions })}`, '@@say thanks'),
  )
  const wait = await claude.wait(sessionId)
  expect(wait.ask).toMatchObject({
    kind: 'question',
    questions: [
      {
        question: 'Which framework?',
        multiple: false,
        choices: [{ label: 'Vue' }, { label: 'Solid' }],
      },
      { question: 'Which extras?', multiple: true },
    ],
  })
  const receipt = await claude.answer(sessionId, wait, {
    type: 'answer_question',
    answer: {
      kind: 'answers',
      answers: [
        { question: 'Which framework?', choices: [], text: 'none of them' },
        { question: 'Which extras?', choices: ['Lint', 'Tests'] },
      ],
    },
  })
  expect(receipt).toMatchObject({ state: 'done' })
  await terminal.waitFor('● thanks')
  expect(lastToldModel(claude.rig)).toContain('none of them')
  expect(lastToldModel(claude.rig)).toContain('Lint, Tests')
  // The question stands in the transcript once, as what was asked and answered.
  await claude.session(sessionId, ({ status }) => status === 'idle', 'rest')
  expect(claude.rows(sessionId).map(({ kind }) => kind)).toEqual(['person', 'permission', 'agent'])
})

/** The file the agent must write its plan to, which it is told when it begins to plan. */
const planFile = (rig: ClaudeRig): Promise<string> =>
  until(
    async () => {
      const projects = join(rig.configDir, 'projects')
      const names = (await readdir(projects, { recursive: true })).filter((name) =>
        name.endsWith('.jsonl'),
      )
      const texts = await Promise.all(names.map((name) => readFile(join(projects, name), 'utf8')))
      return /"planFilePath":"([^"]+)"/.exec(texts.join('\n'))?.[1]
    },
    { what: 'the name of the plan file' },
  )

test('[PE-1] a plan is sent back with a reason, then changed and approved', async () => {
  await using claude = await startClaudeRelay()
  const { rig } = claude
  const terminal = await rig.open()
  const { sessionId } = await claude.newSession()
  rig.api.push({ tool: 'EnterPlanMode', input: {} }, { text: 'I am planning' })
  await terminal.submit('make a plan')
  await terminal.waitFor('● I am planning')
  const file = await planFile(rig)
  const write = (content: string) => ({ tool: 'Write', input: { file_path: file, content } })
  const ready = { tool: 'ExitPlanMode', input: {} }
  rig.api.push(write('# Plan\n1. all of it\n'), ready, write('# Plan\n1. half of it\n'), ready, {
    text: 'I begin',
  })
  await terminal.submit('go on')

  const first = await claude.wait(sessionId)
  expect(first.ask).toMatchObject({ kind: 'plan', plan: '# Plan\n1. all of it\n' })
  await claude.answer(sessionId, first, {
    type: 'decide_plan',
    decision: { behavior: 'reject', reason: 'too much at once' },
  })
  const isNext = ({ waits }: { waits: readonly { permissionId: string }[] }) =>
    waits.some(({ permissionId }) => permissionId !== first.permissionId)
  await claude.session(sessionId, isNext, 'the second plan')
  const second = await claude.wait(sessionId)
  expect(second.ask).toMatchObject({ kind: 'plan', plan: '# Plan\n1. half of it\n' })
  await claude.answer(sessionId, second, {
    type: 'decide_plan',
    decision: { behavior: 'approve', plan: '# Plan\n1. a third of it\n', mode: 'acceptEdits' },
  })

  await terminal.waitFor('● I begin')
  expect(await readFile(file, 'utf8')).toBe('# Plan\n1. a third of it\n')
  expect(lastToldModel(rig)).toContain('a third of it')
  await claude.session(
    sessionId,
    ({ permissionMode }) => permissionMode === 'acceptEdits',
    'the mode',
  )
  const decisions = claude
    .rows(sessionId)
    .flatMap((row) => (row.kind === 'permission' ? [row.decision] : []))
  expect(decisions).toMatchObject([
    { outcome: 'rejected', text: 'too much at once' },
    { outcome: 'approved', edited: true },
  ])
})
