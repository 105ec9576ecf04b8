import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** The license texts of the packages whose code went in, as their licenses ask. */
export const licensesOf = async (inputs: readonly string[]) => {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0])
  const texts: string[] = []
  for (const folder of [...new Set(folders)].filter((found) => found !== undefined).sort()) {
    const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file))
    const text = name === undefined ? 'See its package.json.' : await readFile(join(folder, name))
    texts.push(`${/[^/]*node_modules\/(.*)$/.exec(folder)?.[1]}\n\n${text}`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

/** Puts a .br and a .gz beside every text the app is made of. */
export const precompress = async (folder: string) => {
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
