import type { ClaudeProgram } from './claude-program.ts'
import { askAgents, isAlive, type RegistryEntry, readRegistry } from './session-registry.ts'

// A process the program does not name may be about to be; one it never names is asked about rarely.
const firstWaitMs = 500
const lastWaitMs = 60_000

/** Who lives, by the registry and, for those not seen before, by the program's own word. */
export class RollCall {
  readonly #claude: ClaudeProgram
  #confirmed = new Map<number, RegistryEntry>()
  #unnamed = new Map<number, { waitMs: number; againAtMs: number }>()

  constructor(claude: ClaudeProgram) {
    this.#claude = claude
  }

  /** The living; `isCalling` vouches for those that have called in themselves. */
  async living(isCalling: (pid: number) => boolean, signal: AbortSignal): Promise<RegistryEntry[]> {
    const records = await readRegistry(this.#claude.configDir, this.#confirmed)
    const alive = records.filter(({ pid }) => isAlive(pid))
    const isKnown = ({ pid }: RegistryEntry) => this.#confirmed.has(pid) || isCalling(pid)
    const strangers = alive.filter((entry) => !isKnown(entry))
    const isDue = ({ pid }: RegistryEntry) => (this.#unnamed.get(pid)?.againAtMs ?? 0) <= Date.now()
    // A record may outlive its process and its number be given to another program.
    const named = strangers.some(isDue) ? await askAgents(this.#claude, signal) : new Set<number>()
    const isNamed = ({ pid }: RegistryEntry) => named === undefined || named.has(pid)
    const living = alive.filter((entry) => isKnown(entry) || isNamed(entry))
    this.#confirmed = new Map(living.map((entry) => [entry.pid, entry]))
    const unnamed = strangers.filter((entry) => !isNamed(entry))
    this.#unnamed = new Map(unnamed.map((entry) => [entry.pid, this.#next(entry, isDue(entry))]))
    return living
  }

  #next({ pid }: RegistryEntry, wasAsked: boolean): { waitMs: number; againAtMs: number } {
    const before = this.#unnamed.get(pid)
    if (before && !wasAsked) return before
    const waitMs = Math.min((before?.waitMs ?? firstWaitMs / 2) * 2, lastWaitMs)
    return { waitMs, againAtMs: Date.now() + waitMs }
  }
}
