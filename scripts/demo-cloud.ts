// `pnpm demo:cloud`: the built relay against a stand-in for the session API, with a few played sessions.
// Nothing leaves this machine and nothing of yours is touched; Ctrl+C ends both and removes all traces.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSessionApi } from '../test/session-api/session-api.ts'
import type { AddSessionOptions, ApiSession } from '../test/session-api/types.ts'
import { createWorker } from '../test/session-api/worker.ts'
import type { ModelTurn } from '../test/support/model-script.ts'
import { repo } from './repo.ts'

const folder = mkdtempSync(join(tmpdir(), 'bellhop-demo-'))
const home = join(folder, 'home')
mkdirSync(home)
const api = await startSessionApi()
await api.writeLogin(join(home, '.claude'))

const tool = (name: string, input: Record<string, unknown>): ModelTurn => ({ tool: name, input })
const shell = (command: string, description: string) => tool('Bash', { command, description })

/** Somebody who works at a session and answers whatever it is told. */
const staff = (session: ApiSession, kind: AddSessionOptions['kind'] = 'terminal') => {
  const worker = createWorker(session, { kind, stepMs: 600 })
  session.onSent(({ payload }) => {
    if (payload.type === 'user' && !worker.isRunning)
      worker.push(
        { text: 'Let me look at that.' },
        ...(Math.random() < 0.5 ? [] : [shell('pnpm test', 'Runs the tests')]),
      )
  })
  return worker
}
const open = (title: string, options: AddSessionOptions = {}) => {
  const session = api.addSession({ title, cwd: '/home/ada/shop-api', ...options })
  return { session, worker: staff(session, options.kind) }
}

const { worker: busy } = open('Make the list of orders faster')
/** Goes on for as long as the demo runs. */
const work = async () => {
  for (let round = 1; ; round += 1) {
    busy.push(
      { text: `Round ${round}: I measure first.` },
      tool('Read', { file_path: '/home/ada/shop-api/src/orders.ts' }),
    )
    for (let step = 1; step <= 4; step += 1)
      busy.push({ delayMs: 4_000, ...tool('Grep', { pattern: `orders.*${step}` }) })
    busy.push({ delayMs: 4_000, text: 'Another **40 ms** less. I go on with the next query.' })
    busy.submit(round === 1 ? 'The list of orders is slow; find out why.' : 'Go on.')
    await busy.idle()
  }
}
void work()

const asking = open('Bring the refunds up to date').worker
asking.push({ text: 'The migration is written.' })
asking.submit('Write the migration and run it.')
await asking.idle()
asking.push(shell('pnpm migrate --to 42', 'Runs the migration'), { text: 'The migration ran.' })
asking.submit('Then run it, please.')

const options = ['Fade in', 'Slide up', 'None at all'].map((label) => ({ label, description: '' }))
const question = { question: 'How should the sheet appear?', header: 'Sheet', options }
const curious = open('A sheet for the basket', { kind: 'server' }).worker
curious.push(tool('AskUserQuestion', { questions: [{ ...question, multiSelect: false }] }))
curious.submit('Build the sheet for the basket.')

const planning = open('Move the pictures to a bucket', { kind: 'cloud' }).worker
const plan =
  '# Move the pictures\n\n1. Write to both places\n2. Copy what is there\n3. Read from the bucket'
planning.push(tool('ExitPlanMode', { plan }), { text: 'Then I begin with writing to both.' })
planning.submit('Plan how to move the pictures.')

const { session: idle, worker: resting } = open('Explain the build')
for (const part of ['bundle', 'types', 'tests', 'image']) {
  resting.push({ text: `The **${part}** step:\n\n- reads the sources\n- writes to \`dist\`` })
  resting.submit(`What does the ${part} step do?`)
  await resting.idle()
}
idle.set({ unread: true })
open('On the laptop in the bag', { cwd: '/home/ada/blog' }).worker.kill()
api.onCreated((session) => void staff(session, 'cloud'))

/** Without what leads to the person’s own sessions, login and settings. */
const ownEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(CLAUDE|ANTHROPIC|BELLHOP)_/.test(name)),
)
const args = ['up', '--cloud', 'on', '--data-dir', join(folder, 'data'), '--port', '0']
const child = spawn(process.execPath, [join(repo, 'scripts/start.ts'), ...args], {
  stdio: 'inherit',
  env: { ...ownEnv, HOME: home, XDG_DATA_HOME: folder, BELLHOP_CLOUD_URL: api.url },
})
// Ctrl+C reaches the relay as well; what is left here goes after it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
const [code] = await once(child, 'exit')
rmSync(folder, { recursive: true, force: true })
process.exit(code ?? 0)
