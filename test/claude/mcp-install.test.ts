// The set-up of the real `claude` by one command of the build, as the program itself sees it.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClaudeRig } from '../support/claude-rig.ts'
import { runBellhop, startRelayProcess } from '../support/relay-process.ts'

test.each([
  { way: 'stdio', more: [], says: [/Type: stdio/, /Args: .*mcp --as claude-code/] },
  { way: 'HTTP', more: ['--http'], says: [/Type: http/, /URL: http:\/\/127\.0\.0\.1:\d+\/mcp/] },
])(
  '[MC-8] one command sets the real program up over $way: it connects, the same again changes nothing, and the file as it was stands beside it',
  async ({ more, says }) => {
    await using rig = await startClaudeRig()
    const dataDir = join(rig.folder, 'data')
    await using _relay = await startRelayProcess(['--data-dir', dataDir, '--port', '0'], rig.env)
    const path = join(rig.home, '.claude.json')
    const before = await readFile(path, 'utf8')
    const install = async (...args: string[]) => {
      const words = ['mcp', 'install', 'claude-code', ...more, ...args, '--data-dir', dataDir]
      const { code, output } = await runBellhop(words, rig.env)
      expect(code, output).toBe(0)
      return output
    }

    const shown = await install('--print')
    expect(JSON.parse(shown)).toMatchObject({ mcpServers: { bellhop: expect.any(Object) } })
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await readdir(join(dataDir, 'mcp')).catch(() => [])).toEqual([])

    expect(await install()).toContain(`Claude Code is set up in ${path}.`)
    expect(await readFile(`${path}.before-bellhop`, 'utf8')).toBe(before)
    const installed = await readFile(path, 'utf8')
    expect(JSON.parse(installed)).toMatchObject(JSON.parse(before))
    expect(await install()).toContain('was set up already')
    expect(await readFile(path, 'utf8')).toBe(installed)
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const { stdout: list } = await rig.run(['mcp', 'list'])
    expect(list).toMatch(/^bellhop: .*Connected/m)
    const { stdout: one, code } = await rig.run(['mcp', 'get', 'bellhop'])
    expect(code).toBe(0)
    for (const words of [/Scope: User config/, /Status: .*Connected/, ...says]) {
      expect(one).toMatch(words)
    }
  },
)
