import type { Config } from '../config/config.ts'
import { keepAnswers, readAnswers } from './answers.ts'
import { findTailnet, type Served, serve, type Tailnet } from './tailscale.ts'

/** How a phone gets to the relay. */
export type Reach = {
  /** The https address; null when there is none but loopback. */
  publicUrl: string | null
  /** What carries it and where TLS ends, in words. */
  through: string
  /** Why a way that was wanted is not there. */
  problem?: string
  undo(): Promise<void>
}

type Ask = (question: string) => Promise<boolean>

const nothing = async () => {}

const named = (publicUrl: string): Reach => ({
  publicUrl,
  through: 'the address it was given; TLS ends at whoever answers there',
  undo: nothing,
})

const local = (problem?: string): Reach => ({
  publicUrl: null,
  through: 'this machine only',
  ...(problem !== undefined && { problem }),
  undo: nothing,
})

const served = ({ url, undo }: Served): Reach => ({
  publicUrl: url,
  through: 'through Tailscale Serve; TLS ends on this machine',
  undo,
})

const problemOf = (tailnet: Tailnet): string | undefined =>
  tailnet.state === 'no-https'
    ? 'Tailscale is here, but https is off in this tailnet. Switch it on under DNS in its admin console.'
    : undefined

/**
 * Settles the way in: the address that was named, or Tailscale Serve where it is ready and the
 * person agrees. Asks once, and only where somebody can answer.
 */
export const settleReach = async (
  config: Pick<Config, 'publicUrl' | 'port' | 'dataDir'>,
  env: Readonly<Record<string, string | undefined>>,
  ask: Ask | undefined,
): Promise<Reach> => {
  if (config.publicUrl !== null) return named(config.publicUrl)
  // Serve leads to a port that has to be known before the relay listens.
  if (config.port === 0) return local()
  const { serve: before } = await readAnswers(config.dataDir)
  if (before?.wanted === false || (before === undefined && ask === undefined)) return local()
  const tailnet = await findTailnet(env)
  if (tailnet.state !== 'ready') return local(problemOf(tailnet))
  const wanted =
    before?.wanted ??
    (await ask?.(
      `Let Tailscale serve it at https://${tailnet.name}, for your own devices only?`,
    )) ??
    false
  if (!wanted) {
    await keepAnswers(config.dataDir, { serve: { wanted } })
    return local()
  }
  const outcome = await serve(tailnet, { port: config.port, wished: before?.port }, env)
  if ('why' in outcome) return local(outcome.why)
  await keepAnswers(config.dataDir, { serve: { wanted, port: outcome.port } })
  return served(outcome)
}

/** The ways to an https address, with what each means. */
export const WAYS: readonly (readonly [string, string])[] = [
  [
    'Tailscale',
    'install it here and on the phone; `bellhop up` then offers the rest. TLS ends here.',
  ],
  ['your own domain', 'Caddy or the like in front, then --public-url. TLS ends on your machine.'],
  [
    'a named tunnel',
    'Cloudflare or the like, then --public-url. Its operator can read what passes.',
  ],
  ['a USB cable', 'Android only: `adb reverse tcp:PORT tcp:PORT`, then scan the code below.'],
]

export type Answer =
  | { state: 'answers'; ms: number }
  | { state: 'another' }
  | { state: 'silent'; why: string }

const TIMEOUT_MS = 4_000

/** Calls the relay by its public name, and says whether it was this relay that answered. */
export const selfCheck = async (publicUrl: string, instanceId: string): Promise<Answer> => {
  const startedMs = performance.now()
  try {
    const response = await fetch(`${publicUrl}/healthz`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    })
    const health = (await response.json()) as { instanceId?: unknown }
    return health.instanceId === instanceId
      ? { state: 'answers', ms: Math.round(performance.now() - startedMs) }
      : { state: 'another' }
  } catch (error) {
    if (error instanceof SyntaxError) return { state: 'another' }
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const { code, message } = cause as { code?: string; message?: string }
    return { state: 'silent', why: code ?? message ?? 'no answer' }
  }
}
