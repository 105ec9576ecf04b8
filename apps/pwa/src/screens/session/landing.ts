import { rowOfEvent, type TranscriptRow } from '@bellhop/core'
import { announce } from '../../platform/announce.ts'
import type { FoundPlace } from '../../platform/parse-route.ts'
import { soughtWords } from '../../state/sought-words.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'
import type { Item, LedgerEntry } from './fold-rows.ts'
import { setFoundKey } from './found.ts'
import { setOpen } from './opened.ts'

const HIGHLIGHT = 'found'
/** Heights are measured as rows are drawn, so the place is looked for until it stands still. */
const FRAMES = 60
const STILL_FRAMES = 6

/** Which item a row is drawn in, and what has to be open for it to be seen. Pure. */
export function itemOf(
  items: readonly Item[],
  key: string,
): { index: number; opens: readonly string[] } | undefined {
  for (const [index, item] of items.entries()) {
    if (item.kind === 'row' && item.row.key === key) return { index, opens: [key] }
    if (item.kind !== 'ledger') continue
    for (const entry of item.entries) {
      const opens = opensOf(entry, key)
      if (opens) return { index, opens }
    }
  }
  return undefined
}

function opensOf(entry: LedgerEntry, key: string): readonly string[] | undefined {
  if (entry.kind === 'call' || entry.kind === 'asked')
    return entry.row.key === key ? [key] : undefined
  if (entry.kind === 'agent' && entry.call?.key === key) return [key]
  if (!entry.rows.some((row) => row.key === key)) return undefined
  return entry.kind === 'reads' ? [entry.key, key] : [entry.key, `${entry.key} all`, key]
}

/** The row said nearest to a moment. Pure. */
export function nearestRow(rows: readonly TranscriptRow[], atMs: number) {
  const off = (row: TranscriptRow) => Math.abs(Date.parse(row.at) - atMs)
  return rows.reduce<TranscriptRow | undefined>(
    (near, row) => (near === undefined || off(row) < off(near) ? row : near),
    undefined,
  )
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/**
 * Reads back to a place that was found, opens what it is folded into, brings it to the middle of the screen and marks
 * it. Answers false when there is nothing to land on.
 */
export async function land(
  place: FoundPlace,
  view: {
    store: TranscriptStore
    items: () => readonly Item[]
    scroller: () => HTMLElement | null
    scrollToIndex: (index: number) => void
    isWanted: () => boolean
  },
): Promise<boolean> {
  const { store, scroller } = view
  const event = await store.readBackTo(place).catch(() => undefined)
  if (!view.isWanted()) return false
  const { rows } = store.transcript()
  const row = (event && rowOfEvent(store.transcript(), event)) ?? nearestRow(rows, place.atMs)
  const item = row && itemOf(view.items(), row.key)
  if (!row || !item) return false
  for (const key of item.opens) setOpen(key, true)
  setFoundKey(row.key)
  announce(event ? 'The line that was found' : 'The words nearest to what was found')
  view.scrollToIndex(item.index)
  let still = 0
  for (let frames = 0; frames < FRAMES && still < STILL_FRAMES; frames++) {
    await nextFrame()
    if (!view.isWanted()) return true
    const frame = scroller()
    const line = frame?.querySelector<HTMLElement>('.found-line')
    if (!frame || !line) {
      view.scrollToIndex(item.index)
      continue
    }
    const off = offCentre(frame, markWords(line) ?? line)
    still = Math.abs(off) < 2 ? still + 1 : 0
    if (still === 0) {
      const before = frame.scrollTop
      frame.scrollTop += off
      // At either end there is no more room to bring it to the middle.
      if (frame.scrollTop === before) still += 1
    }
  }
  return true
}

const offCentre = (frame: HTMLElement, what: { getBoundingClientRect(): DOMRect }): number => {
  const outer = frame.getBoundingClientRect()
  const inner = what.getBoundingClientRect()
  // Of what is higher than the screen its beginning is shown.
  const middle = inner.top + Math.min(inner.height, outer.height * 0.8) / 2
  return middle - (outer.top + outer.height / 2)
}

/** Marks the words that were looked for where they stand in a line; answers the first place. */
function markWords(line: HTMLElement): Range | undefined {
  if (!('highlights' in CSS)) return undefined
  const words = soughtWords().map((word) => word.toLowerCase())
  const ranges: Range[] = []
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = (node.textContent ?? '').toLowerCase()
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range()
        // Some letters are longer when they are small; what does not fit is left unmarked.
        if (at + word.length > (node.textContent?.length ?? 0)) break
        range.setStart(node, at)
        range.setEnd(node, at + word.length)
        ranges.push(range)
      }
    }
  }
  CSS.highlights.set(HIGHLIGHT, new Highlight(...ranges))
  return ranges[0]
}

/** Takes the marks away. */
export function unmark(): void {
  setFoundKey('')
  if ('highlights' in CSS) CSS.highlights.delete(HIGHLIGHT)
}
