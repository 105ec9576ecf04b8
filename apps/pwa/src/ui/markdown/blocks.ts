import { marked, type Token } from 'marked'

export type Block = Token

/**
 * Lexes Markdown into blocks. Given the blocks of an earlier, shorter text it keeps those that can no longer change,
 * as the same objects, so that a streamed reply re-renders its last block only.
 */
export function updateBlocks(previous: readonly Block[], text: string): Block[] {
  const kept = settledPrefix(previous, text)
  const at = kept.reduce((sum, block) => sum + block.raw.length, 0)
  const fresh = marked.lexer(text.slice(at), { gfm: true })
  return [...kept, ...fresh]
}

/** True for a block without a word in it. The target of a reference has words, so it is drawn like any other text. */
export const isBlank = (block: Block): boolean => block.type === 'space'

/** The title of a link, which a phone never shows by itself, as words to put behind it. */
export const titleWords = (title: unknown): string =>
  typeof title === 'string' && title !== '' ? ` “${title}”` : ''

/** The blocks before the last one that has words: a later line can only reshape that last one. */
function settledPrefix(previous: readonly Block[], text: string): readonly Block[] {
  let settled = previous.length - 1
  while (settled > 0 && previous[settled]?.type === 'space') settled--
  const kept: Block[] = []
  let at = 0
  for (const block of previous.slice(0, Math.max(0, settled))) {
    if (!text.startsWith(block.raw, at)) break
    kept.push(block)
    at += block.raw.length
  }
  return kept
}
