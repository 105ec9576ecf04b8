import type { CloudRow } from '../cloud-api.ts'

/** How long a worker that is there is given to say that it has something. */
const LIVE_MS = 20_000
/** The same for a machine of the cloud that has to start first, which takes up to 30 s. */
const COLD_MS = 45_000
/** The same for one that is known to be away: the flag may be a moment old, no more. */
const AWAY_MS = 1_500

export type Patience = { waitMs: number; why: 'live' | 'cold' | 'away' }

/** How long it is worth waiting for a session’s word, by what the list says of it. Pure. */
export const patienceFor = (row: CloudRow | undefined): Patience => {
  if (row?.connection !== 'disconnected') {
    const isStarting = row?.kind === 'cloud' && row.connection !== 'connected'
    return isStarting ? { waitMs: COLD_MS, why: 'cold' } : { waitMs: LIVE_MS, why: 'live' }
  }
  return row.kind === 'cloud' ? { waitMs: COLD_MS, why: 'cold' } : { waitMs: AWAY_MS, why: 'away' }
}

const silence: Record<Patience['why'], string> = {
  live: 'Stored, but the session has not said that it has it. Its machine may be asleep; it gets it when it is back.',
  cold: 'Stored, but the session has not said that it has it. Its machine in the cloud may still be starting; it gets it when it is up.',
  away: 'Stored. The machine that runs this session is not connected just now; it gets it when it is back.',
}

/** What is known of something that was stored and not confirmed, in words. */
export const silenceWords = ({ why }: Patience): string => silence[why]
