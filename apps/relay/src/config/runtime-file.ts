import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DPOP_NONCE_HEADER, RelayError } from '@bellhop/core'

/** What a running relay leaves in its data folder, so that the command line finds it. */
export type RuntimeFile = {
  pid: number
  instanceId: string
  /** Where it answers on this machine. */
  url: string
  publicUrl: string
  startedAt: string
}

const pathOf = (dataDir: string) => join(dataDir, 'relay.json')

/** A relay that answers, with the nonce it takes in proofs just now. */
export type FoundRelay = RuntimeFile & { nonce?: string }

/**
 * The relay that runs on this data folder, or undefined when none answers. One that has gone is known
 * at once; the limit is for one that is busy.
 */
export const findRunningRelay = async (
  dataDir: string,
  limitMs = 1_500,
): Promise<FoundRelay | undefined> => {
  let file: RuntimeFile
  try {
    file = JSON.parse(await readFile(pathOf(dataDir), 'utf8')) as RuntimeFile
    if (typeof file.url !== 'string' || typeof file.instanceId !== 'string') return undefined
  } catch {
    return undefined
  }
  try {
    const response = await fetch(`${file.url}/healthz`, { signal: AbortSignal.timeout(limitMs) })
    const health = (await response.json()) as { instanceId?: unknown }
    if (health.instanceId !== file.instanceId) return undefined
    const nonce = response.headers.get(DPOP_NONCE_HEADER)
    return nonce === null ? file : { ...file, nonce }
  } catch {
    return undefined
  }
}

/** Refuses with `relay_already_running` while another relay answers for this folder. [I2] */
export const refuseSecondRelay = async (dataDir: string): Promise<void> => {
  const running = await findRunningRelay(dataDir)
  if (running) throw new RelayError('relay_already_running', { url: running.url, pid: running.pid })
}

export const writeRuntimeFile = (dataDir: string, file: RuntimeFile): Promise<void> =>
  writeFile(pathOf(dataDir), `${JSON.stringify(file)}\n`, { mode: 0o600 })

/** Takes the file away again, unless another relay has written its own meanwhile. */
export const removeRuntimeFile = async (dataDir: string, instanceId: string): Promise<void> => {
  const path = pathOf(dataDir)
  const text = await readFile(path, 'utf8').catch(() => '')
  if (text.includes(instanceId)) await rm(path, { force: true })
}
