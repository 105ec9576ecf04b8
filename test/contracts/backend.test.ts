import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { createMemoryBackend } from '../../apps/relay/src/backends/memory/memory-backend.ts'
import { openSqliteBackend } from '../../apps/relay/src/backends/sqlite/sqlite-backend.ts'
import { backendContract, type Engine } from './backend.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'bellhop-contract-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const freshPath = () => join(folder, `${files++}.db`)

const ENGINES: readonly Engine[] = [
  { name: 'memory', open: async (clock) => createMemoryBackend({ clock }) },
  {
    name: 'sqlite',
    open: (clock) => openSqliteBackend({ path: freshPath(), clock }),
  },
  {
    name: 'sqlite with nothing at hand, so that every read goes to the disk',
    open: (clock) =>
      openSqliteBackend({ path: freshPath(), clock, recent: { events: 0, chars: 0 } }),
  },
]

for (const engine of ENGINES) describe(engine.name, () => backendContract(engine))
