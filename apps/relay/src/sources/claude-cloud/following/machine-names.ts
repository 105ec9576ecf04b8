import type { Timing } from '../../../clock.ts'
import type { CloudApi, CloudRow } from '../cloud-api.ts'

/** How seldom the places are asked for, for the sake of one that is not known. */
const ASK_AGAIN_MS = 60_000

export type MachineNamesParts = {
  api: Pick<CloudApi, 'environments'>
  timing: Timing
  /** What the machine this runs on calls itself. */
  hostname: string
  signal: AbortSignal
}

/** The name without what a home network adds to it. */
const plainName = (name: string): string => name.replace(/\.(local|lan|home|localdomain)$/i, '')

/** Which machine a session runs on, by the place it was started in. Asked for when a new place comes up. */
export const createMachineNames = ({ api, timing, hostname, signal }: MachineNamesParts) => {
  const names = new Map<string, string>()
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  const nameOf = ({ environmentId = '' }: CloudRow): string | undefined => names.get(environmentId)

  const ask = async (): Promise<void> => {
    try {
      for (const { environmentId, kind, machine } of await api.environments(signal)) {
        if (kind === 'bridge' && machine) names.set(environmentId, plainName(machine))
      }
    } catch {
      // A name is a courtesy; whatever the call suffered from is told by the others.
    } finally {
      asking = undefined
    }
  }

  return {
    /** The machine’s name, where it is known by now. */
    nameOf,
    /** The same, once it can be told; undefined where it cannot. */
    find: async (row: CloudRow): Promise<string | undefined> => {
      const isNamed = row.kind !== 'cloud' && row.environmentId
      if (isNamed && nameOf(row) === undefined) {
        if (!asking && timing.nowMs() - askedAtMs >= ASK_AGAIN_MS) {
          askedAtMs = timing.nowMs()
          asking = ask()
        }
        await asking
      }
      return nameOf(row)
    },
    /** Whether a name is that of another machine than this one. */
    isElsewhere: (name: string): boolean =>
      plainName(name).toLowerCase() !== plainName(hostname).toLowerCase(),
  }
}
