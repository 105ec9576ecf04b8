import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RelayError } from '@bellhop/core'
import type { Env } from './env.ts'

/** Everything a relay is told before it starts. */
export type Config = {
  host: string
  /** 0 lets the system choose. */
  port: number
  /** The https address phones reach this relay by; null when there is none but loopback. */
  publicUrl: string | null
  dataDir: string
  /** The built app; null when it has not been built. */
  appDir: string | null
  demo: boolean
  push: {
    /** A public contact for push services, an https URL or a mailto address; null chooses one. */
    subject: string | null
    /** Hosts beyond the known push services, as `host` or `host:port`. */
    extraHosts: readonly string[]
    graceMs: number
  }
  cloud: {
    /** Whether the person’s cloud sessions are followed, with their own login; off unless they said so. */
    isOn: boolean
    /** Where the session API is asked; null for where it lives. Only ever loopback. */
    url: string | null
  }
  /** The home folder, where the person’s own programs keep their things. */
  home: string
  /** The environment the person’s own programs are called with; never logged. [I12] */
  programEnv: Readonly<Record<string, string | undefined>>
}

/** What the command line says; what it does not say comes from the environment, then from defaults. */
export type ConfigChoices = {
  port?: string | undefined
  host?: string | undefined
  publicUrl?: string | undefined
  dataDir?: string | undefined
  demo?: boolean | undefined
  cloud?: boolean | undefined
}

export const DEFAULT_PORT = 8787
const DEFAULT_GRACE_MS = 10_000

/** Joins choices and environment into a config; throws `config_invalid` with what does not fit. */
export const makeConfig = (choices: ConfigChoices, env: Env): Config => {
  const given = choices.publicUrl ?? env.publicUrl
  const publicUrl = given === undefined ? null : readPublicUrl(given)
  return {
    host: choices.host ?? env.host ?? '127.0.0.1',
    port: readPort(choices.port ?? env.port),
    publicUrl,
    dataDir: resolve(choices.dataDir ?? env.dataDir ?? join(env.dataHome, 'bellhop')),
    appDir: findApp(),
    demo: choices.demo ?? false,
    push: {
      subject: env.pushSubject ?? null,
      extraHosts: (env.pushHosts ?? '').split(',').filter((host) => host !== ''),
      graceMs:
        env.pushGraceMs === undefined
          ? DEFAULT_GRACE_MS
          : readCount('BELLHOP_PUSH_GRACE_MS', env.pushGraceMs),
    },
    cloud: { isOn: choices.cloud ?? false, url: readCloudUrl(env.cloudUrl) },
    home: env.home,
    programEnv: env.programs,
  }
}

const refuse = (why: string) => new RelayError('config_invalid', { why })

const readCount = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw refuse(`${name} is not a whole number: ${text}`)
  return Number(text)
}

const readPort = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_PORT
  const port = readCount('--port', text)
  if (port > 65_535) throw refuse(`--port is at most 65535, not ${text}`)
  return port
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The login goes where this says, so it may say nothing but this machine. [I12] */
const readCloudUrl = (text: string | undefined): string | null => {
  if (text === undefined || text === '') return null
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' || !LOOPBACK.includes(url.hostname) || url.username !== '') {
    throw refuse('BELLHOP_CLOUD_URL may only be an http address of this machine itself')
  }
  return url.origin
}

/** An origin without path; https, because a phone gives a plain http page neither keys nor push. */
const readPublicUrl = (text: string): string => {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw refuse(`--public-url is not an address: ${text}`)
  }
  const loopback = LOOPBACK.includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw refuse('--public-url has to start with https://, or a phone can neither pair nor ring')
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw refuse('--public-url is an address without a path, such as https://desk.example.ts.net')
  }
  return url.origin
}

/** The built app beside the bundle, or where the repository’s build puts it. */
const findApp = (): string | null => {
  const here = import.meta.dirname
  const places = [join(here, 'app'), join(here, '..', '..', '..', '..', 'dist', 'app')]
  return places.find((place) => existsSync(join(place, 'index.html'))) ?? null
}
