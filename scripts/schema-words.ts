import { auditEntrySchema } from '../packages/core/src/audit.ts'
import { deviceSchema } from '../packages/core/src/pairing.ts'
import { openPermissionSchema, sessionSchema } from '../packages/core/src/session.ts'

/** What of a valibot schema a table needs; read from its data, because only core imports the library. */
type Schema = {
  type: string
  entries?: Record<string, Schema>
  item?: Schema
  key?: Schema
  value?: Schema
  wrapped?: Schema
  options?: readonly (string | Schema)[]
  literal?: unknown
}

const named: Record<string, string> = { custom: 'object', unknown: 'any', strict_object: 'object' }

/** Shapes with a table of their own, told by their name elsewhere. */
export const SHAPES = new Map<object, string>([
  [sessionSchema, 'session'],
  [deviceSchema, 'device'],
  [openPermissionSchema, 'open permission'],
  [auditEntrySchema, 'audit entry'],
])

const wordOf = (schema: Schema): string => {
  const shape = SHAPES.get(schema)
  if (shape !== undefined) return shape
  const { type, entries, item, wrapped, options, literal } = schema
  if (type === 'literal') return JSON.stringify(literal)
  if (type === 'optional' && wrapped) return wordOf(wrapped)
  if (type === 'nullable' && wrapped) return `${wordOf(wrapped)} or null`
  if (type === 'array' && item) return `list of ${wordOf(item)}`
  if (type === 'record' && schema.value) return `map to ${wordOf(schema.value)}`
  if (type === 'picklist') return (options ?? []).join(' or ')
  if (entries) return `{${fieldNames(entries).join(', ')}}`
  if (options) {
    const kinds = options.filter((option) => typeof option === 'object').map(kindOf)
    return kinds.every((kind) => kind === kinds[0]) ? (kinds[0] ?? type) : kinds.join(' or ')
  }
  return named[type] ?? type
}

/** The member of a union by the one literal that tells it from the others. */
const kindOf = (schema: Schema): string => {
  const tag = Object.values(schema.entries ?? {}).find((entry) => entry.type === 'literal')
  return tag ? String(tag.literal) : wordOf(schema)
}

const fieldNames = (entries: Record<string, Schema>): string[] =>
  Object.entries(entries).map(([name, entry]) => (entry.type === 'optional' ? `${name}?` : name))

/** The fields of an object schema in words, a `?` behind what may be missing; a union by its kinds. */
export const fieldsOf = (
  schema: object | null,
  without: ReadonlySet<string> = new Set(),
): string => {
  if (schema === null) return ''
  const { entries } = schema as Schema
  if (!entries) return wordOf(schema as Schema)
  return Object.entries(entries)
    .filter(([name]) => !without.has(name))
    .map(([name, entry]) => `\`${name}${entry.type === 'optional' ? '?' : ''}\`: ${wordOf(entry)}`)
    .join('; ')
}
