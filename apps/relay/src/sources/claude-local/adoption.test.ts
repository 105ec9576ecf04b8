import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AdoptionPlace,
  adopt,
  adoptedPids,
  endAdoption,
  isAdopting,
  release,
} from './adoption.ts'

let folder = ''
let place: AdoptionPlace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adoption-'))
  place = {
    settingsPath: join(folder, 'settings.json'),
    dataDir: join(folder, 'data'),
    nodePath: '/usr/bin/node',
  }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const text = () => readFile(place.settingsPath, 'utf8')
const settings = async () => JSON.parse(await text())

// As a person writes it: with a hook of their own, and spaces of their own.
const own = `{ "model": "opus",
   "hooks": { "PermissionRequest": [ { "matcher": "Bash", "hooks": [ { "type": "command", "command": "bell" } ] } ] } }
`

test('adopting adds one marked entry and leaves everything else', async () => {
  await writeFile(place.settingsPath, own)
  await adopt(place, [7, 8])
  await adopt(place, [8, 9])
  const { hooks, model } = await settings()
  expect(model).toBe('opus')
  expect(hooks.PermissionRequest).toHaveLength(2)
  expect(hooks.PermissionRequest[0]).toEqual(JSON.parse(own).hooks.PermissionRequest[0])
  expect((await adoptedPids(place.dataDir)).sort()).toEqual([7, 8, 9])
  expect(await isAdopting(place)).toBe(true)
})

test('letting go gives a file nobody else touched its own bytes back', async () => {
  await writeFile(place.settingsPath, own)
  await adopt(place, [7])
  await release(place.dataDir, 7)
  await endAdoption(place)
  expect(await text()).toBe(own)
  expect(await adoptedPids(place.dataDir)).toEqual([])
})

test('letting go keeps what somebody changed meanwhile', async () => {
  await writeFile(place.settingsPath, own)
  await adopt(place, [7])
  const changed = { ...(await settings()), model: 'sonnet' }
  await writeFile(place.settingsPath, JSON.stringify(changed))
  await endAdoption(place)
  expect(await settings()).toEqual({ ...JSON.parse(own), model: 'sonnet' })
})

test('settings that cannot be read are refused and left alone', async () => {
  await writeFile(place.settingsPath, '{ // mine\n}')
  await expect(adopt(place, [7])).rejects.toMatchObject({ code: 'config_invalid' })
  expect(await text()).toBe('{ // mine\n}')
})

test('settings that are a link stay one', async () => {
  await writeFile(join(folder, 'dotfiles.json'), own)
  await symlink(join(folder, 'dotfiles.json'), place.settingsPath)
  await adopt(place, [7])
  await endAdoption(place)
  expect((await lstat(place.settingsPath)).isSymbolicLink()).toBe(true)
  expect(await readFile(join(folder, 'dotfiles.json'), 'utf8')).toBe(own)
})

test('where there were no settings, none are left', async () => {
  await adopt(place, [7])
  expect((await settings()).hooks.PermissionRequest).toHaveLength(1)
  await endAdoption(place)
  await expect(text()).rejects.toMatchObject({ code: 'ENOENT' })
})

test('[I12] what the settings hold never lies in our own folder, and they keep their mode', async () => {
  const secret = 'sk-ant-test-in-settings'
  await writeFile(place.settingsPath, JSON.stringify({ env: { ANTHROPIC_API_KEY: secret } }), {
    mode: 0o640,
  })
  await adopt(place, [7])
  const names = await readdir(place.dataDir, { recursive: true, withFileTypes: true })
  const files = names.filter((name) => name.isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const { parentPath, name } of files) {
    expect(await readFile(join(parentPath, name), 'utf8')).not.toContain(secret)
  }
  expect((await stat(place.settingsPath)).mode & 0o777).toBe(0o640)
  await endAdoption(place)
  expect((await readdir(folder)).sort()).toEqual(['data', 'settings.json'])
})
