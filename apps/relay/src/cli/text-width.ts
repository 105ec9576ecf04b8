import { stripVTControlCharacters } from 'node:util'

/** Letters that take one column each, wherever they stand; most texts are made of nothing else. */
const NARROW = /^[\u0020-\u007e\u00a1-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25ef]*$/
// The wide and full-width letters of Unicode’s East Asian widths, in ranges a little coarser than its own.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const EMOJI = /^\p{Emoji_Presentation}|\ufe0f/u
const MARK = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

const widthOfLetter = (letter: string): number =>
  MARK.test(letter) ? 0 : WIDE.test(letter) || EMOJI.test(letter) ? 2 : 1

/** How many columns a text takes in a terminal, its colours left out. Pure. */
export const widthOf = (text: string): number => {
  const plain = stripVTControlCharacters(text)
  if (NARROW.test(plain)) return plain.length
  let width = 0
  for (const { segment } of letters.segment(plain)) width += widthOfLetter(segment)
  return width
}

/** A text of at most so many columns, no letter of it cut; what was longer ends with `…`. Pure. */
export const clipped = (text: string, columns: number): string => {
  if (text.length * 2 <= columns || widthOf(text) <= columns) return text
  let width = 0
  for (const { segment, index } of letters.segment(text)) {
    const next = width + widthOfLetter(segment)
    if (next > columns - 1) return `${text.slice(0, index)}…`
    width = next
  }
  return text
}

/**
 * Parts one behind the other with two spaces between them, on as many lines as they need; a part that
 * begins a further line is indented. Pure.
 */
export const inLines = (parts: readonly string[], columns: number, indent = 2): string[] => {
  const lines: string[] = []
  for (const part of parts.filter((one) => one !== '')) {
    const line = lines.at(-1)
    if (line === undefined) lines.push(part)
    else if (widthOf(line) + 2 + widthOf(part) <= columns) {
      lines[lines.length - 1] = `${line}  ${part}`
    } else lines.push(' '.repeat(indent) + part)
  }
  return lines
}
