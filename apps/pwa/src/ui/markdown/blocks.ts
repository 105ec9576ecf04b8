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
