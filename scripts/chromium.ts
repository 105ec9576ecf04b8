import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { installWithApt, onPath, repo, runProgram, stopWith } from './repo.ts'

const fromTests = createRequire(join(repo, 'test/package.json'))

const playwrightChromium = (): string | undefined => {
  const path: string = fromTests('playwright-core').chromium.executablePath()
  return existsSync(path) ? path : undefined
}

/** The Chromium to test with: the one named, one that is installed, or the one playwright fetched. */
export const findChromium = (): string | undefined =>
  process.env.BELLHOP_CHROMIUM ||
  ['chromium', 'chromium-browser', 'google-chrome'].map(onPath).find((path) => path) ||
  playwrightChromium()

/** Finds a Chromium or gets one: with apt as root on Debian, else by playwright's own download. */
export const ensureChromium = async (): Promise<string> => {
  const found = findChromium()
  if (found !== undefined) return found
  if (!(await installWithApt('chromium'))) {
    console.log('Fetching Chromium.')
    const installer = join(fromTests.resolve('playwright-core/package.json'), '..', 'cli.js')
    await runProgram(process.execPath, [installer, 'install', 'chromium'], { show: true })
  }
  return (
    findChromium() ??
    stopWith('No Chromium here. Install one, or name it in BELLHOP_CHROMIUM, and try again.')
  )
}
