import { isoTime } from '../../../clock.ts'
import type { SkipCounter } from '../cloud-api.ts'
import type { AccountHealth } from './account-health.ts'
import type { ListRoad } from './account-list.ts'
import type { CloudSession, Road } from './cloud-session.ts'

const ROADS: Record<Road, string> = {
  stream: 'by stream',
  poll: 'by polling',
  'older-socket': 'by the older family’s socket',
  'older-poll': 'by polling the older family',
}

/** How the account is read just now, in lines for `doctor`. Never a secret. [I12] */
export const detailLines = (about: {
  health: AccountHealth
  skips: SkipCounter
  login: string | undefined
  clockOffMs: number | undefined
  listRoad: ListRoad | undefined
  all: readonly CloudSession[]
  live: readonly CloudSession[]
  leftOut: number
}): string[] => {
  const { health, skips, listRoad, all, live, leftOut } = about
  const lastWordMs = health.lastWordMs()
  const roads = Object.entries(ROADS).flatMap(([road, words]) => {
    const count = live.filter((session) => session.road === road).length
    return count > 0 ? [`${count} ${words}`] : []
  })
  const skipped = [...skips.counts()].map(([what, count]) => `${count} × ${what}`)
  return [
    ...clockWords(about.clockOffMs),
    ...(about.login === undefined ? [] : [`Login: ${about.login}`]),
    `List: ${listWords(listRoad)}`,
    `Sessions: ${all.length} listed; followed just now: ${roads.join(', ') || 'none'}`,
    ...(leftOut > 0 ? [`Left out, beyond the most that are followed: ${leftOut}`] : []),
    `Not understood and passed over: ${skipped.join(', ') || 'nothing'}`,
    `Last word from upstream: ${lastWordMs === undefined ? 'none yet' : isoTime(lastWordMs)}`,
    `Calls in the last hour: ${health.callsInLastHour()}`,
  ]
}

/** A clock that is off makes a good login look ended. */
const clockWords = (offMs = 0): string[] => {
  const seconds = Math.round(Math.abs(offMs) / 1_000)
  if (seconds < 60) return []
  return [`The clock of this machine is ${seconds} s ${offMs > 0 ? 'behind' : 'ahead'}. Set it.`]
}

const listWords = (road: ListRoad | undefined): string => {
  if (!road) return 'not read yet'
  const family = road.family === 'older' ? 'older family, ' : ''
  if (road.by === 'watch') return `${family}watched`
  return `${family}asked for every ${Math.round((road.everyMs ?? 0) / 1_000)} s`
}
