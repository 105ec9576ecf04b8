import { execFile, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

type Env = Readonly<Record<string, string | undefined>>

/** Where a program is on the PATH; undefined when it is not there. */
export const findProgram = async (name: string, env: Env): Promise<string | undefined> => {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

export type Ended = { exitCode: number; stdout: string; stderr: string }

/** Runs a program to its end; one that cannot run or takes too long has the exit code -1. */
export const runProgram = (
  path: string,
  args: readonly string[],
  { env, timeoutMs }: { env: Env; timeoutMs: number },
): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { env: env as NodeJS.ProcessEnv, timeout: timeoutMs, maxBuffer: 4_000_000 }
    const child = execFile(path, [...args], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exitCode, stdout, stderr })
    })
    child.stdin?.end()
  })

/** Hands this terminal to a program until it ends, and answers its exit code. */
export const handOver = (path: string, args: readonly string[], env: Env): Promise<number> =>
  new Promise((resolve, reject) => {
    // Ctrl-C belongs to the program then; whoever handed over waits for its end.
    const ignore = () => {}
    process.on('SIGINT', ignore)
    const child = spawn(path, [...args], { stdio: 'inherit', env: env as NodeJS.ProcessEnv })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore)
      resolve(code ?? (signal === null ? 1 : 128))
    })
  })
