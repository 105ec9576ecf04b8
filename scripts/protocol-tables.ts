// Writes the tables of PROTOCOL.md from core (`--write`), or says which one is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CAPABILITIES } from '../packages/core/src/capabilities.ts'
import { COMMANDS } from '../packages/core/src/commands/index.ts'
import type { Endpoint } from '../packages/core/src/endpoint.ts'
import { ENDPOINTS } from '../packages/core/src/endpoints.ts'
import { ERRORS } from '../packages/core/src/errors.ts'
import { EVENTS } from '../packages/core/src/events/index.ts'
import { SCOPES } from '../packages/core/src/scopes.ts'
import { repo, stopWith } from './repo.ts'
import { fieldsOf, SHAPES } from './schema-words.ts'

type Row = readonly (string | number)[]

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const code = (text: string) => `\`${text}\``
const codes = (texts: readonly string[]) => texts.map(code).join(', ')
const meanings = (words: Record<string, string>): Row[] =>
  Object.entries(words).map(([name, means]) => [code(name), means])
const orNone = (text: string) => text || 'nothing'

const envelope = new Set(['eventId', 'cursor', 'sessionId', 'at', 'causedBy', 'subagent', 'type'])
const commandEnvelope = new Set(['commandId', 'sessionId', 'expiresAt', 'type'])

const endpoints: Endpoint[] = Object.values(ENDPOINTS)

/** Every generated table, by the name between the markers. */
const TABLES: Record<string, string> = {
  endpoints: table(
    ['call', 'access', 'what it does', 'takes', 'gives', 'may refuse with'],
    endpoints.map(({ method, path, access, people, does, request, response, errors }) => [
      code(`${method} ${path}`),
      people ? `${access}, no agent` : access,
      does,
      orNone(fieldsOf(request)),
      response === null ? 'a stream of frames' : fieldsOf(response),
      orNone(codes(errors)),
    ]),
  ),
  events: table(
    ['type', 'carries'],
    Object.entries(EVENTS).map(([type, { stored }]) => [
      code(type),
      orNone(fieldsOf(stored, envelope)),
    ]),
  ),
  commands: table(
    ['type', 'scope', 'the session can', 'carries'],
    Object.values(COMMANDS).map(({ type, scope, alsoNeeds, anyOf, schema }) => [
      code(type),
      alsoNeeds ? `${scope} and ${alsoNeeds}` : scope,
      anyOf.map(code).join(' or '),
      orNone(fieldsOf(schema, commandEnvelope)),
    ]),
  ),
  shapes: table(
    ['shape', 'fields'],
    [...SHAPES].map(([schema, name]) => [name, fieldsOf(schema)]),
  ),
  errors: table(
    ['code', 'status', 'may succeed later', 'in words'],
    Object.entries(ERRORS).map(([name, { status, retry, text }]) => [
      code(name),
      status,
      retry ? 'yes' : 'no',
      text,
    ]),
  ),
  capabilities: table(['capability', 'means'], meanings(CAPABILITIES)),
  scopes: table(['scope', 'lets a device'], meanings(SCOPES)),
}

const marked = /<!-- generated:(\w+) -->\n[\s\S]*?<!-- \/generated -->/g

/** The page as it should be, and the names of the tables that differ from it now. */
export const renderTables = (page: string): { page: string; stale: string[] } => {
  const stale: string[] = []
  const rendered = page.replaceAll(marked, (now, name: string) => {
    const rows = TABLES[name] ?? stopWith(`PROTOCOL.md asks for a table nobody makes: ${name}`)
    const fresh = `<!-- generated:${name} -->\n${rows}\n<!-- /generated -->`
    if (fresh !== now) stale.push(name)
    return fresh
  })
  return { page: rendered, stale }
}

if (import.meta.main) {
  const file = join(repo, 'PROTOCOL.md')
  const { page, stale } = renderTables(readFileSync(file, 'utf8'))
  if (process.argv.includes('--write')) writeFileSync(file, page)
  else if (stale.length > 0) stopWith(`Out of date in PROTOCOL.md: ${stale.join(', ')}`)
}
