import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the relay takes from its environment; nothing else reads `process.env` for settings. */
export type Env = {
  home: string
  dataHome: string
  /** The whole environment, for the person’s own programs that the relay calls; never logged. [I12] */
  programs: Readonly<Record<string, string | undefined>>
  dataDir: string | undefined
  port: string | undefined
  host: string | undefined
  publicUrl: string | undefined
  pushSubject: string | undefined
  /** Extra push service hosts, `host:port` joined by commas: for tests. */
  pushHosts: string | undefined
  pushGraceMs: string | undefined
  /** Another address of the session API, on loopback alone: for tests. */
  cloudUrl: string | undefined
}

export const readEnv = (env: Readonly<Record<string, string | undefined>> = process.env): Env => {
  const home = env.HOME ?? homedir()
  return {
    home,
    dataHome: env.XDG_DATA_HOME ?? join(home, '.local', 'share'),
    programs: env,
    dataDir: env.BELLHOP_DATA_DIR,
    port: env.BELLHOP_PORT,
    host: env.BELLHOP_HOST,
    publicUrl: env.BELLHOP_PUBLIC_URL,
    pushSubject: env.BELLHOP_PUSH_SUBJECT,
    pushHosts: env.BELLHOP_PUSH_HOSTS,
    pushGraceMs: env.BELLHOP_PUSH_GRACE_MS,
    cloudUrl: env.BELLHOP_CLOUD_URL,
  }
}
