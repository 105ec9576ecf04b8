import bash from 'highlight.js/lib/languages/bash'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { createLowlight } from 'lowlight'
import type { Span, SpanKind, SpanLine } from './spans.ts'

const lowlight = createLowlight({
  bash,
  css,
  diff,
  go,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
})
lowlight.registerAlias({
  bash: ['sh', 'zsh', 'shell', 'console'],
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  python: ['py'],
  rust: ['rs'],
  typescript: ['ts', 'tsx', 'mts', 'cts'],
  xml: ['html', 'svg', 'vue'],
  yaml: ['yml'],
  json: ['jsonc', 'json5'],
})

const KINDS: Record<string, SpanKind> = {
  keyword: 'keyword',
  literal: 'keyword',
  meta: 'keyword',
  'selector-tag': 'keyword',
  tag: 'keyword',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  symbol: 'string',
  number: 'number',
  title: 'name',
  attr: 'name',
  attribute: 'name',
  name: 'name',
  section: 'name',
  'selector-class': 'name',
  'selector-id': 'name',
  type: 'type',
  built_in: 'type',
  class: 'type',
  comment: 'comment',
  doctag: 'comment',
  deletion: 'comment',
}

type Node = {
  type: string
  value?: string
  children?: Node[]
  properties?: { className?: unknown }
}

/** Lines of coloured runs, or undefined for a language it does not know. */
export function highlight(text: string, language: string): SpanLine[] | undefined {
  if (!lowlight.registered(language)) return undefined
  const lines: Span[][] = [[]]
  const walk = (node: Node, kind: SpanKind | undefined) => {
    if (node.type === 'text') {
      const parts = (node.value ?? '').split('\n')
      parts.forEach((part, index) => {
        if (index > 0) lines.push([])
        if (part) lines.at(-1)?.push(kind ? { text: part, kind } : { text: part })
      })
      return
    }
    const own = kindOf(node) ?? kind
    for (const child of node.children ?? []) walk(child, own)
  }
  walk(lowlight.highlight(language, text) as Node, undefined)
  return lines
}

function kindOf(node: Node): SpanKind | undefined {
  const names = node.properties?.className
  if (!Array.isArray(names)) return undefined
  return names.map((name) => KINDS[String(name).replace(/^hljs-/, '')]).find(Boolean)
}
