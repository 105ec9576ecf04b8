import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataPaths } from './data-paths.ts'
import { refreshPlugin } from './hooks-install.ts'

test('files of an installed plugin are brought up to date, and none are put where none was installed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'refresh-'))
  const paths = dataPaths(dataDir)
  await refreshPlugin({ dataDir })
  expect(await readdir(dataDir)).toEqual([])

  await mkdir(paths.marketplace, { recursive: true })
  await writeFile(paths.installRecord, JSON.stringify({ installedAtMs: 1, keysBefore: [] }))
  await writeFile(paths.connector, '// of an older version')
  await refreshPlugin({ dataDir })
  const connector = await readFile(paths.connector, 'utf8')
  expect(connector).toContain('tools/call')
  expect(JSON.parse(await readFile(paths.installRecord, 'utf8'))).toMatchObject({
    installedAtMs: 1,
  })
  await rm(dataDir, { recursive: true })
})
