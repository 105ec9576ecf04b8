import { diffWordsWithSpace, structuredPatch } from 'diff'

export type DiffLine = {
  readonly kind: 'same' | 'add' | 'del'
  /** The line's number in the file it stands in; absent when the place in the file is not known. */
  readonly number?: number
  readonly text: string
  /** Changed parts of the line, as [from, to). */
  readonly marks: readonly (readonly [number, number])[]
}
export type DiffHunk = { readonly lines: readonly DiffLine[] }

type RawHunk = { oldStart: number; newStart: number; lines: readonly string[] }

const MAX_WORD_DIFF_CHARS = 400

/** Hunks as they come from a unified diff, each changed line paired with its other half to mark what differs. */
export function fromUnified(hunks: readonly RawHunk[], numbered = true): DiffHunk[] {
  return hunks.map((hunk) => {
    let oldLine = hunk.oldStart
    let newLine = hunk.newStart
    const lines: { kind: DiffLine['kind']; number: number; text: string }[] = []
    for (const raw of hunk.lines) {
      const text = raw.slice(1)
      if (raw.startsWith('-')) lines.push({ kind: 'del', number: oldLine++, text })
      else if (raw.startsWith('+')) lines.push({ kind: 'add', number: newLine++, text })
      else if (!raw.startsWith('\\')) {
        lines.push({ kind: 'same', number: newLine++, text })
        oldLine++
      }
    }
    const marks = markPairs(lines)
    return {
      lines: lines.map(({ kind, number, text }, at) => ({
        kind,
        text,
        marks: marks[at] ?? [],
        ...(numbered && { number }),
      })),
    }
  })
}

/** The hunks between two texts. Line numbers are those of the texts, so they are left out for a mere excerpt. */
export function fromTexts(
  before: string,
  after: string,
  options: { excerpt: boolean },
): DiffHunk[] {
  const patch = structuredPatch('a', 'b', endLine(before), endLine(after), '', '', { context: 2 })
  return fromUnified(patch.hunks, !options.excerpt)
}

/** A whole new file. */
export function fromContent(content: string): DiffHunk[] {
  const lines = content.replace(/\n$/, '').split('\n')
  return [
    { lines: lines.map((text, at) => ({ kind: 'add' as const, number: at + 1, text, marks: [] })) },
  ]
}

export function countChanges(hunks: readonly DiffHunk[]): { added: number; removed: number } {
  const all = hunks.flatMap((hunk) => hunk.lines)
  return {
    added: all.filter((line) => line.kind === 'add').length,
    removed: all.filter((line) => line.kind === 'del').length,
  }
}

const endLine = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

type Marks = (readonly [number, number])[]

/** Pairs each run of removed lines with the run of added lines after it, when the two are of the same length. */
function markPairs(lines: readonly { kind: DiffLine['kind']; text: string }[]): Marks[] {
  const marks: Marks[] = lines.map(() => [])
  let at = 0
  while (at < lines.length) {
    const dels = runOf('del', lines, at)
    const adds = runOf('add', lines, at + dels)
    if (dels > 0 && dels === adds)
      for (let i = 0; i < dels; i++) {
        const [del, add] = wordMarks(lines[at + i]?.text ?? '', lines[at + dels + i]?.text ?? '')
        marks[at + i] = del
        marks[at + dels + i] = add
      }
    at += Math.max(1, dels + adds)
  }
  return marks
}

function runOf(
  kind: DiffLine['kind'],
  lines: readonly { kind: DiffLine['kind'] }[],
  from: number,
): number {
  let count = 0
  while (lines[from + count]?.kind === kind) count++
  return count
}

function wordMarks(before: string, after: string): [Marks, Marks] {
  if (before.length + after.length > MAX_WORD_DIFF_CHARS) return [[], []]
  const del: Marks = []
  const add: Marks = []
  let oldAt = 0
  let newAt = 0
  let common = 0
  for (const part of diffWordsWithSpace(before, after)) {
    const length = part.value.length
    if (part.removed) del.push([oldAt, oldAt + length])
    if (part.added) add.push([newAt, newAt + length])
    if (!part.added) oldAt += length
    if (!part.removed) newAt += length
    if (!part.added && !part.removed) common += part.value.trim().length
  }
  // Two lines with little in common are two lines, and marking nearly all of both would only shout.
  return common * 3 < Math.max(before.trim().length, after.trim().length) ? [[], []] : [del, add]
}
