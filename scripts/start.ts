// `pnpm start` and `pnpm bellhop <command>`: the built program, built first if need be.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build-stamp.ts'
import { repo } from './repo.ts'

const args = process.argv.slice(2)
if (args[0] === '--') args.shift()

await ensureBuilt()
const program = join(repo, 'dist', 'bellhop.js')
process.argv = [process.execPath, program, ...args]
await import(pathToFileURL(program).href)
