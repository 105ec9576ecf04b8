import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../../scripts/repo.ts'
import { startDoorProxy } from '../support/door-proxy.ts'
import { addMcpAgent, agentToken, readJson } from '../support/mcp-agent.ts'
import { startRelay } from '../support/start-relay.ts'

const require = createRequire(import.meta.url)
const suite = require.resolve('@modelcontextprotocol/conformance/dist/index.js')

/** What any server has to do, whatever it offers. */
const APPLY = {
  '2025-11-25': [
    'completion-complete',
    'dns-rebinding-protection',
    'ping',
    'prompts-list',
    'resources-list',
    'server-initialize',
    'server-session-lifecycle',
    'server-sse-multiple-streams',
    'tools-list',
  ],
  '2026-07-28': [
    'caching',
    'completion-complete',
    'dns-rebinding-protection',
    'http-header-validation',
    'prompts-list',
    'resources-list',
    'sep-2164-resource-not-found',
    'server-sse-multiple-streams',
    'server-stateless',
    'tools-list',
  ],
} as const

/** What does not apply, and why. */
const NOT_OURS: readonly [RegExp, string][] = [
  [/^(tools-call|prompts-get|input-required-result|elicitation)-/, 'calls examples of the suite'],
  [/^resources-(read|templates-read|subscribe|unsubscribe)/, 'reads examples of the suite'],
  [/^(json-schema-2020-12|http-custom-header-server-validation)$/, 'looks at an example tool'],
  [/^tasks-/, 'an extension that is not offered'],
  [/^logging-set-level$/, 'logging to the client is optional, and not offered'],
  [/^server-sse-polling$/, 'going on with an answer that broke off is optional, and not offered'],
]
const isOther = (scenario: string) => NOT_OURS.some(([pattern]) => pattern.test(scenario))

/** A check that wants an example of the suite says so itself. */
const NEEDS_EXAMPLE = /^Not testable: server does not list the diagnostic tool/

type Check = { id: string; status: string; errorMessage?: string }

/** What the suite found, by scenario. */
const readChecks = async (folder: string): Promise<Map<string, Check[]>> => {
  const found = new Map<string, Check[]>()
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(name)?.[1]
    if (scenario) found.set(scenario, await readJson(join(folder, name, 'checks.json')))
  }
  return found
}

for (const revision of ['2025-11-25', '2026-07-28'] as const) {
  test(`[MC-10] the protocol’s own suite finds nothing wrong with us at ${revision}`, async () => {
    await using relay = await startRelay()
    await relay.source.start('something to list')
    await addMcpAgent(relay)
    const token = await agentToken(relay.dataDir, 'desktop')
    await using proxy = await startDoorProxy(relay.origin, token)
    const folder = await mkdtemp(join(tmpdir(), 'bellhop-conformance-'))
    try {
      const args = ['server', '--url', proxy.url, '--requirements', revision, '-o', folder]
      const env = { PATH: process.env.PATH, HOME: folder }
      const { output } = await runProgram(process.execPath, [suite, ...args], { env })
      expect(output).toContain('SUMMARY')
      const found = await readChecks(folder)
      const ours = [...found.keys()].filter((scenario) => !isOther(scenario))
      expect(ours.sort()).toEqual([...APPLY[revision]])
      const wrong = ours.flatMap((scenario) =>
        (found.get(scenario) ?? [])
          .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
          .filter(({ errorMessage = '' }) => !NEEDS_EXAMPLE.test(errorMessage))
          .map(({ id, errorMessage }) => `${scenario}, ${id}: ${errorMessage}`),
      )
      expect(wrong).toEqual([])
      for (const scenario of ours) {
        const passed = found.get(scenario)?.filter(({ status }) => status === 'SUCCESS') ?? []
        expect(passed.length).toBeGreaterThan(1)
      }
      // Whatever else a scenario asked for: all that went over the line was as it has to be.
      const onWire = [...found.values()].flat().filter(({ id }) => id === 'wire-schema-valid')
      expect(onWire.length).toBeGreaterThan(20)
      expect(onWire.filter(({ status }) => status !== 'SUCCESS')).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
}
