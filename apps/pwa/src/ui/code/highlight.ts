import { createSignal } from 'solid-js'
import { plainLines, type SpanLine } from './spans.ts'

type Highlight = (text: string, language: string) => SpanLine[] | undefined

const MAX_LINES = 400
const MAX_CHARS = 40_000

const [highlighter, setHighlighter] = createSignal<Highlight>()
let loading = false

function load() {
  if (loading) return
  loading = true
  import('./highlighter.ts').then(
    (module) => setHighlighter(() => module.highlight),
    () => {
      loading = false
    },
  )
}

/** Lines of code, plain at first and coloured once the highlighter has come; long code stays plain. */
export function codeLines(text: string, language: string | undefined): SpanLine[] {
  const lines = plainLines(text)
  if (!language || lines.length > MAX_LINES || text.length > MAX_CHARS) return lines
  load()
  return highlighter()?.(text, language.toLowerCase()) ?? lines
}

/** The language a file is most likely in, by its name. */
export function languageOf(path: string): string | undefined {
  const name = path.split(/[\\/]/).at(-1) ?? ''
  return name.includes('.') ? name.split('.').at(-1)?.toLowerCase() : undefined
}
