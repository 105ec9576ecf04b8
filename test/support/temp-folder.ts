import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for one test, gone after it. */
export const tempFolder = (): { path: string } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), 'bellhop-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
