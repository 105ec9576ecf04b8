export type SpanKind = 'keyword' | 'string' | 'number' | 'name' | 'type' | 'comment'

/** A run of code in one colour. */
export type Span = { readonly text: string; readonly kind?: SpanKind }
export type SpanLine = readonly Span[]

/** A run that is also marked as changed, or not. */
export type MarkedSpan = Span & { readonly marked: boolean }

/** Plain lines, for text whose colours are not known. */
export const plainLines = (text: string): SpanLine[] =>
  text.split('\n').map((line) => [{ text: line }])

/** Cuts spans at the edges of the given [from, to) ranges, so that each result is wholly inside or outside one. */
export function markSpans(
  line: SpanLine,
  ranges: readonly (readonly [number, number])[],
): MarkedSpan[] {
  const edges = ranges.flat()
  const result: MarkedSpan[] = []
  let at = 0
  for (const span of line) {
    let rest = span.text
    while (rest) {
      const next = edges.find((edge) => edge > at && edge < at + rest.length)
      const text = next === undefined ? rest : rest.slice(0, next - at)
      const marked = ranges.some(([from, to]) => at >= from && at < to)
      result.push({ ...span, text, marked })
      at += text.length
      rest = rest.slice(text.length)
    }
  }
  return result
}
