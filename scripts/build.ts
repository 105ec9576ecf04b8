// Makes `dist/`: bellhop.js (relay and CLI), connector.mjs and held-hook.mjs (what Claude Code
// runs), app/ (the phone's app). Plain Node runs it, without node_modules. `--out <folder>` builds
// somewhere else.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { type BuildOptions, build as bundle } from 'esbuild'
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
    entryPoints: [join(relaySource, 'main.ts')],
    outfile: join(staging, 'bellhop.js'),
    metafile: true,
    // Some packages below are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  })
  await writeFile(join(staging, 'LICENSES.txt'), await licensesOf(Object.keys(metafile.inputs)))
}

/** The license texts of the packages whose code went in, as their licenses ask. */
const licensesOf = async (inputs: readonly string[]) => {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0])
  const texts: string[] = []
  for (const folder of [...new Set(folders)].filter((found) => found !== undefined).sort()) {
    const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file))
    const text = name === undefined ? 'See its package.json.' : await readFile(join(folder, name))
    texts.push(`${/[^/]*node_modules\/(.*)$/.exec(folder)?.[1]}\n\n${text}`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

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

/** Puts a .br and a .gz beside every text the app is made of. */
const precompress = async (folder: string) => {
  const names = await readdir(folder, { recursive: true })
  const worth = names.filter((name) => /\.(js|css|html|svg|json|webmanifest|wasm)$/.test(name))
  const most = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  const squeeze = async (name: string) => {
    const bytes = await readFile(join(folder, name))
    await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(bytes, most))
    await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }))
  }
  await Promise.all(worth.map(squeeze))
}

const stamp = sourceStamp()
await mkdir(staging, { recursive: true })
try {
  await Promise.all([buildRelay(), buildConnector(), buildApp()])
  await writeFile(join(staging, 'package.json'), '{ "type": "module" }\n')
  await writeFile(stampFile(staging), stamp)
  // In one step, so that a relay or a second build at the same time never sees half of it.
  await rm(dist, { recursive: true, force: true })
  await rename(staging, dist)
} finally {
  await rm(staging, { recursive: true, force: true })
}
