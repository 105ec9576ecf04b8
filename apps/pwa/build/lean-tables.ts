import type { Plugin } from 'vite'

/**
 * What the app does not need of core's tables: it leaves checking calls to the relay, and what a refusal says comes with
 * the refusal.
 */
const TABLES: Record<string, { name: string; unused: Record<string, string> }> = {
  'endpoints.ts': {
    name: 'ENDPOINTS',
    unused: { request: 'null', errors: '[]', does: "''" },
  },
  'errors.ts': { name: 'ERRORS', unused: { text: "''", status: '0' } },
}

type Node = { type: string; start: number; end: number }
type Property = Node & { key?: { name?: string }; value?: Node & { properties?: Property[] } }

/** Leaves out of core's tables what only a relay and its pages need, and with it all it is made of. */
export function leanTables(): Plugin {
  return {
    name: 'bellhop:lean-tables',
    apply: 'build',
    transform(code, id) {
      const table = TABLES[/\/core\/src\/([\w-]+\.ts)$/.exec(id)?.[1] ?? '']
      if (!table) return undefined
      const { body } = this.parse(code) as unknown as { body: Node[] }
      const cuts = rowsOf(table.name, body)
        .flatMap((row) => row.value?.properties ?? [])
        .flatMap(({ key, value }) => {
          const instead = table.unused[key?.name ?? '']
          return instead !== undefined && value ? [{ ...value, instead }] : []
        })
      if (cuts.length === 0) this.error(`${table.name} is not where it was.`)
      const lean = cuts.reduceRight(
        (text, { start, end, instead }) => text.slice(0, start) + instead + text.slice(end),
        code,
      )
      return { code: lean, map: null }
    },
  }
}

type Declared = { id?: { name?: string }; init?: { properties?: Property[] } }
type Statement = { declaration?: { declarations?: Declared[] } }

const rowsOf = (table: string, body: Node[]): Property[] =>
  (body as Statement[])
    .flatMap(({ declaration }) => declaration?.declarations ?? [])
    .flatMap(({ id, init }) => (id?.name === table ? (init?.properties ?? []) : []))
