import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import type { Clock } from '../clock.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
}

/** Names a build makes from a file’s content never mean another content. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/
const RELIST_AFTER_MS = 1000

type Asset = { file: string; type: string; br?: string; gz?: string }

const list = async (folder: string): Promise<Map<string, Asset>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, string>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, file).replaceAll(sep, '/')}`, file)
  }
  const assets = new Map<string, Asset>()
  for (const [path, file] of files) {
    const type = TYPES[extname(path)]
    if (!type) continue
    const br = files.get(`${path}.br`)
    const gz = files.get(`${path}.gz`)
    assets.set(path, { file, type, ...(br && { br }), ...(gz && { gz }) })
  }
  return assets
}

const etagOf = async (file: string): Promise<string | undefined> => {
  const found = await stat(file).catch(() => undefined)
  return found && `W/"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`
}

const packed = (asset: Asset, accepted: string): { file: string; encoding?: string } => {
  if (asset.br && /\bbr\b/.test(accepted)) return { file: asset.br, encoding: 'br' }
  if (asset.gz && /\bgzip\b/.test(accepted)) return { file: asset.gz, encoding: 'gzip' }
  return { file: asset.file }
}

/**
 * The built app, file by file. Only what a listing of the folder found is ever opened, so that no
 * path, however written, leads out of it. [HT-6] Answers undefined where there is no such file.
 */
export type PwaAssets = {
  respond(path: string, headers: Headers): Promise<Response | undefined>
  isBuilt(): Promise<boolean>
}

export const createPwaAssets = (folder: string | null, clock: Clock): PwaAssets => {
  let assets: Promise<Map<string, Asset>> | undefined
  let listedAtMs = 0

  const find = async (path: string): Promise<Asset | undefined> => {
    if (folder === null) return undefined
    const known = (await assets)?.get(path)
    if (known || clock.nowMs() - listedAtMs < RELIST_AFTER_MS) return known
    // A build may have put new files there since.
    listedAtMs = clock.nowMs()
    assets = list(folder)
    return (await assets).get(path)
  }

  return {
    isBuilt: async () => (await find('/index.html')) !== undefined,
    respond: async (path, headers) => {
      const asset = await find(path === '/' ? '/index.html' : path)
      const etag = asset && (await etagOf(asset.file))
      if (!asset || !etag) return undefined
      const cacheControl = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'
      const answer = new Headers({
        'content-type': asset.type,
        'cache-control': cacheControl,
        etag,
        vary: 'accept-encoding',
      })
      if (headers.get('if-none-match') === etag) {
        return new Response(null, { status: 304, headers: answer })
      }
      const { file, encoding } = packed(asset, headers.get('accept-encoding') ?? '')
      if (encoding) answer.set('content-encoding', encoding)
      const bytes = await readFile(file).catch(() => undefined)
      return bytes && new Response(bytes, { headers: answer })
    },
  }
}
