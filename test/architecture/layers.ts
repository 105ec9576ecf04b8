import type { Import, Module } from './modules.ts'

/**
 * Where a file stands in the picture of ARCHITECTURE.md, worked out from its path alone, so that a
 * new folder has a place without anybody listing it.
 */
export type Place =
  | { layer: 'core' | 'client' | 'pwa' | 'kernel' | 'root' | 'main' | 'format' | 'outside' }
  | { layer: 'domain' | 'edge'; part: string }

/** The only files that know every part. */
const COMPOSITION = ['relay.ts', 'agent-setup.ts']
const DOMAIN = ['sessions', 'devices', 'notify']
/** Folders whose children are edges of their own: one per source, one per engine. */
const FAMILIES = ['sources', 'backends']
/** Pure readers of one agent's format, shared by the sources that meet it. */
const FORMATS = ['claude-format']

const placeOf = (path: string): Place => {
  const relay = /^apps\/relay\/src\/(.*)$/.exec(path)?.[1]
  if (path.startsWith('packages/core/src/client/')) return { layer: 'client' }
  if (path.startsWith('packages/core/src/')) return { layer: 'core' }
  if (path.startsWith('apps/pwa/')) return { layer: 'pwa' }
  if (relay === undefined) return { layer: 'outside' }
  if (COMPOSITION.includes(relay)) return { layer: 'root' }
  if (relay === 'main.ts') return { layer: 'main' }
  const [first = '', second = ''] = relay.split('/')
  // A port every child of a family implements stands in the family’s own folder.
  const isFamilyPort = FAMILIES.includes(first) && second.endsWith('.ts')
  if (relay === first || first === 'config' || isFamilyPort) return { layer: 'kernel' }
  if (FORMATS.includes(first)) return { layer: 'format' }
  if (DOMAIN.includes(first)) return { layer: 'domain', part: first }
  return { layer: 'edge', part: FAMILIES.includes(first) ? `${first}/${second}` : first }
}

const samePart = (a: Place, b: Place) =>
  'part' in a && 'part' in b && a.layer === b.layer && a.part === b.part

/** Whether a file at one place may import a file at another. */
const mayImport = (from: Place, to: Place, typeOnly: boolean): boolean => {
  if (from.layer === 'outside') return true
  if (to.layer === 'outside' || to.layer === 'main') return false
  if (to.layer === 'root') return from.layer === 'main'
  switch (from.layer) {
    case 'core':
      return to.layer === 'core'
    case 'client':
      return to.layer === 'core' || to.layer === 'client'
    case 'pwa':
      return ['pwa', 'core', 'client'].includes(to.layer)
    case 'kernel':
      // A bundle of ports names the domain’s ports, and only as types.
      return ['core', 'kernel'].includes(to.layer) || (to.layer === 'domain' && typeOnly)
    case 'domain':
      // What the domain wants of another part of itself, it takes as a port: a type.
      return (
        ['core', 'client', 'kernel'].includes(to.layer) ||
        samePart(from, to) ||
        (to.layer === 'domain' && typeOnly)
      )
    case 'format':
      return to.layer === 'core' || to.layer === 'format'
    case 'edge':
      if (to.layer === 'format') return from.part.startsWith('sources/')
      return ['core', 'client', 'kernel', 'domain'].includes(to.layer) || samePart(from, to)
    default:
      return true
  }
}

/** What is wrong with an import, in words; undefined when nothing is. */
export const faultOf = (module: Module, { specifier, target, typeOnly }: Import) => {
  const from = placeOf(module.path)
  const fault = (why: string) => `${module.path} imports ${specifier}: ${why}`
  if (target !== undefined) {
    // A test beside its source may set it up with anything of the same program.
    if (module.isTest && from.layer !== 'core') return undefined
    return mayImport(from, placeOf(target), typeOnly)
      ? undefined
      : fault(`${from.layer} may not use ${placeOf(target).layer}`)
  }
  const isNode = specifier.startsWith('node:')
  const isTool = module.isTest && /^(vitest|node:)/.test(specifier)
  if (isTool || from.layer === 'outside') return undefined
  if (from.layer === 'core')
    return specifier === 'valibot' ? undefined : fault('core has only valibot')
  if (specifier === 'valibot') return fault('only core knows the schema library')
  if (isNode && from.layer === 'format') return fault('reads, and does nothing')
  if (isNode && (from.layer === 'client' || from.layer === 'pwa')) return fault('runs in a browser')
  return undefined
}
