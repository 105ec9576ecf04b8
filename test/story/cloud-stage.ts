import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSessionApi } from '../session-api/session-api.ts'
import type { ApiSession } from '../session-api/types.ts'
import { createWorker } from '../session-api/worker.ts'
import type { Worker } from '../session-api/worker-types.ts'
import { lookThrough } from '../support/leak-watch.ts'
import { until } from '../support/until.ts'
import type { Stage } from './stage.ts'

/** A Remote Control session behind the session API, with a worker that behaves as the real one was measured. */
export const startCloudStage = async (patienceMs: number): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-cloud-story-'))
  const home = join(folder, 'home')
  await mkdir(home)
  const api = await startSessionApi()
  await api.writeLogin(join(home, '.claude'))
  let open: { session: ApiSession; worker: Worker } | undefined
  const desk = () => {
    if (!open) throw new Error('no session is open')
    return open
  }
  const stillAsks = async () => {
    await until(() => desk().worker.pending, { timeoutMs: patienceMs, what: 'an open prompt' })
  }
  return {
    name: 'a cloud session, through the session API',
    folder,
    env: { HOME: home, PATH: '/usr/bin:/bin', BELLHOP_CLOUD_URL: api.url },
    relayArgs: ['--cloud', 'on'],
    canEdit: false,
    speaksLive: false,
    secrets: [api.accessToken, api.refreshToken],
    prepare: async () => {},
    open: async () => {
      const session = api.addSession({ title: 'project', kind: 'terminal', cwd: '/srv/project' })
      const rule = { toolName: 'Bash', ruleContent: 'npm run hello:*' }
      const worker = createWorker(session, {
        kind: 'terminal',
        suggestions: (name, input) =>
          name === 'Bash' && String(input.command).startsWith('npm run')
            ? [
                {
                  type: 'addRules',
                  rules: [rule],
                  behavior: 'allow',
                  destination: 'localSettings',
                },
              ]
            : [],
      })
      open = { session, worker }
    },
    model: (...turns) => desk().worker.push(...turns),
    say: async (words) => desk().worker.submit(words),
    touched: (name) => desk().worker.ran(`touch ${name}`),
    offerScript: async () => {},
    allowAtDesk: async () => {
      await stillAsks()
      desk().worker.answerAtDesk({ behavior: 'allow' })
    },
    enterPlanMode: async () => {},
    stillAsksAtDesk: stillAsks,
    toTheModel: () => JSON.stringify(desk().session.events.slice(-30)),
    lastWords: () => desk().worker.heard.at(-1) ?? '',
    screen: async () => JSON.stringify(open?.session.events.slice(-30), null, 1) ?? '',
    [Symbol.asyncDispose]: async () => {
      open?.worker[Symbol.dispose]()
      lookThrough('url', 'upstream', api.requests.map(({ path }) => path).join('\n'))
      await api[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
