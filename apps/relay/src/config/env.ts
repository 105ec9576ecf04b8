import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the relay takes from its environment; nothing else reads `process.env` for settings. */
export type Env = {
  home: string
  dataHome: string
  path: string
  /** Where the coding agent keeps its files, when the person moved them. */
  agentConfigDir: string | undefined
  dataDir: string | undefined
  port: string | undefined
  host: string | undefined
  publicUrl: string | undefined
  pushSubject: string | undefined
  /** Extra push service hosts, `host:port` joined by commas: for tests. */
  pushHosts: string | undefined
  pushGraceMs: string | undefined
}

export const readEnv = (env: Readonly<Record<string, string | undefined>> = process.env): Env => {
  const home = env.HOME ?? homedir()
  return {
    home,
    dataHome: env.XDG_DATA_HOME ?? join(home, '.local', 'share'),
    path: env.PATH ?? '',
    agentConfigDir: env.CLAUDE_CONFIG_DIR,
    dataDir: env.BELLHOP_DATA_DIR,
    port: env.BELLHOP_PORT,
    host: env.BELLHOP_HOST,
    publicUrl: env.BELLHOP_PUBLIC_URL,
    pushSubject: env.BELLHOP_PUSH_SUBJECT,
    pushHosts: env.BELLHOP_PUSH_HOSTS,
    pushGraceMs: env.BELLHOP_PUSH_GRACE_MS,
  }
}
