import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What the last stage of the Dockerfile says, as data. */
export type Image = {
  /** What is copied out of an earlier stage: from where there to where here. */
  copies: readonly { from: string; to: string }[]
  /** Copies of anything else, which a small image has none of. */
  otherCopies: readonly string[]
  user: string
  env: Readonly<Record<string, string>>
  volumes: readonly string[]
  /** The program with its arguments. */
  command: readonly string[]
  healthcheck: readonly string[]
}

const path = resolve(import.meta.dirname, '../../Dockerfile')

const list = (text: string | undefined): string[] =>
  text?.startsWith('[') ? (JSON.parse(text) as string[]) : []

/** Instructions in their order, continued lines joined. */
const instructions = (): { name: string; rest: string }[] =>
  readFileSync(path, 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => ({
      name: line.split(' ', 1)[0] ?? '',
      rest: line.slice(line.indexOf(' ') + 1).trim(),
    }))

/** The commands the first stage runs, each as written. */
export const buildCommands = (): string[] =>
  instructions()
    .filter(({ name, rest }) => name === 'RUN' && rest.includes('pnpm'))
    .map(({ rest }) => rest)

export const readImage = (): Image => {
  const all = instructions()
  const stage = all.slice(all.findLastIndex(({ name }) => name === 'FROM'))
  const every = (name: string) => stage.filter((one) => one.name === name).map(({ rest }) => rest)
  const copies = every('COPY')
  const fromBuild = /^--from=\w+ (\S+) (\S+)$/
  return {
    copies: copies.flatMap((rest) => {
      const [, from, to] = fromBuild.exec(rest) ?? []
      return from && to ? [{ from, to }] : []
    }),
    otherCopies: copies.filter((rest) => !fromBuild.test(rest)),
    user: every('USER').at(-1) ?? 'root',
    env: Object.fromEntries(
      every('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('=', 2))),
    ),
    volumes: every('VOLUME'),
    command: [...list(every('ENTRYPOINT')[0]), ...list(every('CMD')[0])],
    healthcheck: list(
      every('HEALTHCHECK')
        .map((rest) => rest.slice(rest.indexOf('CMD ') + 4))
        .at(0),
    ),
  }
}
