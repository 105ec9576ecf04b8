import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The one version the tests with the real program are written against. */
const claudeVersion = '2.1.329'

const installTimeoutMs = 10 * 60_000

function cacheRoot(): string {
  const chosen = process.env.BELLHOP_CLAUDE_CACHE
  return chosen || join(homedir(), '.cache', 'bellhop')
}

async function findBinary(folder: string): Promise<string | undefined> {
  const scope = join(folder, 'node_modules', '@anthropic-ai')
  if (!existsSync(scope)) return undefined
  const names = await readdir(scope)
  // The program itself comes in the platform's package; this works without install scripts too.
  return names
    .filter((name) => name.startsWith('claude-code-'))
    .map((name) => join(scope, name, 'claude'))
    .find((path) => existsSync(path))
}

/** The path of the pinned `claude`, fetched from npm into a cache folder the first time. */
export async function claudeBinary(): Promise<string> {
  const folder = join(cacheRoot(), `claude-${claudeVersion}`)
  const cached = await findBinary(folder)
  if (cached) return cached

  await mkdir(cacheRoot(), { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  try {
    const packageName = `@anthropic-ai/claude-code@${claudeVersion}`
    const args = ['install', '--prefix', staging, '--no-audit', '--no-fund', packageName]
    await run('npm', args, { timeout: installTimeoutMs })
    if (!(await findBinary(staging))) {
      throw new Error(`npm installed ${packageName} without a program for this platform`)
    }
    // Another test run may have been quicker; a rename onto its folder fails and theirs is used.
    await rename(staging, folder).catch(() => {})
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  const installed = await findBinary(folder)
  if (!installed)
    throw new Error(`no claude ${claudeVersion} in ${folder}: remove it and try again`)
  return installed
}
