// Makes `dist/`: bellhop.js with program.js (relay and CLI), connector.mjs and held-hook.mjs (what
// Claude Code runs), app/ (the phone's app). Plain Node runs it, without node_modules.
// `--out <folder>` builds somewhere else.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BuildOptions, build as bundle } from 'esbuild'
import { licensesOf, precompress } from './build-extras.ts'
import { sourceStamp, stampFile } from './build-stamp.ts'
import { repo, runProgram, stopWith, toolOf } from './repo.ts'

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const dist = resolve(values.out ?? join(repo, 'dist'))
const staging = join(dirname(dist), `.${basename(dist)}-${process.pid}`)
const relaySource = join(repo, 'apps/relay/src')

const forNode: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'error',
}

const buildRelay = async () => {
  const { metafile } = await bundle({
    ...forNode,
    entryPoints: { program: join(relaySource, 'main.ts') },
    outdir: staging,
    // What only some commands need is loaded when they do; all files stand side by side.
    splitting: true,
    metafile: true,
    // Some packages below are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  })
  await writeFile(join(staging, 'LICENSES.txt'), await licensesOf(Object.keys(metafile.inputs)))
}

/** An older Node cannot even read the program, so what it is told first has to be simple. */
const buildEntry = () =>
  writeFile(
    join(staging, 'bellhop.js'),
    `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 15)) await import('./program.js')
else {
  console.error('bellhop: Node ' + process.versions.node + ' is too old; 24.15 or newer is needed.')
  process.exitCode = 1
}
`,
    { mode: 0o755 },
  )

/** What Claude Code runs stands beside the program that hands it out, each in one file. */
const buildConnector = async () => {
  const folder = join(relaySource, 'sources/claude-local/connector')
  const programs = (await readdir(folder)).filter((name) => /^[^.]+\.ts$/.test(name))
  const entryPoints = programs.map((name) => join(folder, name))
  await bundle({ ...forNode, entryPoints, outdir: staging, outExtension: { '.js': '.mjs' } })
}

const buildApp = async () => {
  const args = ['build', 'apps/pwa', '--outDir', join(staging, 'app'), '--logLevel', 'warn']
  const { code, output } = await runProgram(toolOf('apps/pwa', 'vite'), args)
  if (code !== 0) stopWith(output)
  await precompress(join(staging, 'app'))
}

const stamp = sourceStamp()
await mkdir(staging, { recursive: true })
try {
  await Promise.all([buildRelay(), buildEntry(), buildConnector(), buildApp()])
  await writeFile(join(staging, 'package.json'), '{ "type": "module" }\n')
  await writeFile(stampFile(staging), stamp)
  // In one step, so that a relay or a second build at the same time never sees half of it.
  await rm(dist, { recursive: true, force: true })
  await rename(staging, dist)
} finally {
  await rm(staging, { recursive: true, force: true })
}
