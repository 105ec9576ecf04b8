import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** The folder this repository is checked out in. */
export const repo = resolve(import.meta.dirname, '..')

/** Runs a program to its end and answers its exit code and, unless it is shown, what it said. */
export const runProgram = (
  command: string,
  args: readonly string[],
  options: { show?: boolean; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number; output: string }> =>
  new Promise((done) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? repo,
      env: options.env ?? process.env,
      stdio: options.show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })

/** Where a program is on PATH, or undefined. */
export const onPath = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

/** A program of a package in this workspace, as `pnpm exec` there would find it. */
export const toolOf = (folder: string, name: string): string =>
  join(repo, folder, 'node_modules', '.bin', name)

/** A check that found something ends the run with its sentence, not with a stack. */
export const stopWith = (sentence: string): never => {
  console.error(sentence)
  process.exit(1)
}

const isRoot = () => process.getuid?.() === 0

/** Installs a Debian package when that is possible without asking anyone; says whether it worked. */
export const installWithApt = async (packageName: string): Promise<boolean> => {
  if (!isRoot() || onPath('apt-get') === undefined) return false
  console.log(`Installing ${packageName} with apt.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runProgram('apt-get', ['update', '-qq'], { env })
  const args = ['install', '-y', '-qq', '--no-install-recommends', packageName]
  const { code, output } = await runProgram('apt-get', args, { env })
  if (code !== 0) console.error(output)
  return code === 0
}
