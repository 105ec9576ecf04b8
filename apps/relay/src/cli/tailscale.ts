import { findProgram, runProgram } from './programs.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Ports Tailscale can serve https on, the usual one first. */
const SERVE_PORTS = [443, 8443, 10_000] as const
const QUICK_MS = 2_000
/** The first time, a certificate has to be fetched. */
const SERVE_MS = 30_000

/** What this machine’s Tailscale can do for us. */
export type Tailnet =
  | { state: 'absent' }
  /** Installed, but nobody is logged in, or it is stopped. */
  | { state: 'off' }
  /** Logged in, but the tailnet has https switched off. */
  | { state: 'no-https'; name: string }
  | { state: 'ready'; program: string; name: string }

type Status = {
  BackendState?: string
  Self?: { DNSName?: string }
  CertDomains?: string[] | null
}

const parse = <Value>(text: string): Value | undefined => {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined
  }
}

export const findTailnet = async (env: Env): Promise<Tailnet> => {
  const program = await findProgram('tailscale', env)
  if (program === undefined) return { state: 'absent' }
  const { stdout } = await runProgram(program, ['status', '--json'], { env, timeoutMs: QUICK_MS })
  const status = parse<Status>(stdout)
  const name = status?.Self?.DNSName?.replace(/\.$/, '')
  if (status?.BackendState !== 'Running' || !name) return { state: 'off' }
  if (!status.CertDomains?.includes(name)) return { state: 'no-https', name }
  return { state: 'ready', program, name }
}

type ServeStatus = {
  TCP?: Record<string, unknown>
  Web?: Record<string, { Handlers?: Record<string, { Proxy?: string }> }>
}

/** Every https port in use, and where its root leads if it leads anywhere. */
const portsInUse = (status: ServeStatus): Map<number, string | undefined> => {
  const ports = new Map<number, string | undefined>()
  for (const port of Object.keys(status.TCP ?? {})) ports.set(Number(port), undefined)
  for (const [host, { Handlers }] of Object.entries(status.Web ?? {})) {
    ports.set(Number(host.split(':').at(-1)), Handlers?.['/']?.Proxy)
  }
  return ports
}

/** A way in through Tailscale. */
export type Served = {
  url: string
  port: number
  /** Takes the way in out again; nothing but what was added here. */
  undo(): Promise<void>
}

/**
 * Lets Tailscale serve a local address over https, on the wished port if it is free, else on the
 * first free one. What others serve there is never touched. Answers why not when it cannot.
 */
export const serve = async (
  { program, name }: Extract<Tailnet, { state: 'ready' }>,
  local: { port: number; wished?: number | undefined },
  env: Env,
): Promise<Served | { why: string }> => {
  const target = `http://127.0.0.1:${local.port}`
  const run = (args: string[], timeoutMs = QUICK_MS) =>
    runProgram(program, args, { env, timeoutMs })
  const shown = await run(['serve', 'status', '--json'])
  const used = portsInUse(parse<ServeStatus>(shown.stdout) ?? {})
  const tried = [...new Set([local.wished ?? SERVE_PORTS[0], ...SERVE_PORTS])]
  // One that leads here already was left by a run that could not end in peace: it is taken over.
  const port = tried.find((one) => !used.has(one) || used.get(one) === target)
  if (port === undefined) return { why: 'Tailscale serves something else on 443, 8443 and 10000.' }
  const on = await run(['serve', '--bg', '--yes', `--https=${port}`, target], SERVE_MS)
  if (on.exitCode !== 0) {
    const said = (on.stderr || on.stdout).trim().split('\n')[0] ?? ''
    return { why: `Tailscale did not serve it: ${said || 'no answer'}` }
  }
  return {
    url: port === 443 ? `https://${name}` : `https://${name}:${port}`,
    port,
    undo: async () => {
      await run(['serve', `--https=${port}`, 'off'])
    },
  }
}
