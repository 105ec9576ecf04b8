import { createHash } from 'node:crypto'
import { BOUNDS, cut, type Place, type PlaceId, type SourceId } from '@bellhop/core'
import type { CloudApi, CloudRow, Environment } from '../cloud-api.ts'
import { choicesOf } from './initialize-session.ts'

const mostPlaces = 200
const mostRepositories = 50
const line = (text: string) => cut(text, BOUNDS.line).text

/** What an environment is called here; the same each time, whatever its id is made of. */
export const placeIdOf = (environmentId: string): PlaceId => {
  const safe = environmentId.replaceAll(/[^A-Za-z0-9_.-]/g, '').slice(0, 100)
  if (safe === environmentId) return `plc_cloud.${safe}` as PlaceId
  const digest = createHash('sha256').update(environmentId).digest('base64url').slice(0, 16)
  return `plc_cloud.${safe}.${digest}` as PlaceId
}

/** The repositories of sessions there, the last one first. */
const repositoriesAt = (environmentId: string, rows: Iterable<CloudRow>): string[] => {
  const newestFirst = [...rows].sort((a, b) => (b.lastEventAtMs ?? 0) - (a.lastEventAtMs ?? 0))
  const used = newestFirst.flatMap(({ repository, environmentId: there = environmentId }) =>
    repository && there === environmentId ? [line(repository)] : [],
  )
  return [...new Set(used)].slice(0, mostRepositories)
}

const placeOf = (environment: Environment, sourceId: SourceId, rows: Iterable<CloudRow>): Place => {
  const { environmentId, kind, name, machine, folder } = environment
  const isMachine = kind === 'bridge'
  const detail = isMachine ? (folder ?? name) : undefined
  return {
    placeId: placeIdOf(environmentId),
    sourceId,
    title: line((isMachine ? machine : undefined) ?? name),
    ...(detail && { detail: line(detail) }),
    takesRepository: !isMachine,
    repositories: isMachine ? [] : repositoriesAt(environmentId, rows),
    choices: choicesOf(),
  }
}

/** Where this account’s sessions can be started: machines that serve them, and the cloud. */
export const places = async (
  api: Pick<CloudApi, 'environments'>,
  about: { sourceId: SourceId; rows: Iterable<CloudRow> },
  signal: AbortSignal,
): Promise<readonly Place[]> => {
  const rows = [...about.rows]
  return (await api.environments(signal))
    .filter(({ isActive }) => isActive)
    .slice(0, mostPlaces)
    .map((environment) => placeOf(environment, about.sourceId, rows))
}
