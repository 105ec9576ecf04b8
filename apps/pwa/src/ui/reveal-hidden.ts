export type Revealed = { readonly text: string; readonly hidden: boolean }

// Controls, joiners, direction marks, odd spaces, fillers, tags: characters that draw nothing or move what is drawn.
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for exactly these
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each code point stands for itself
  /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u
const LATIN = /[A-Za-z]/
// Letters of other scripts that are drawn like Latin ones; suspicious only inside a word that also has Latin letters.
const LOOK_ALIKE =
  /[АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυαικρ\u{ff01}-\u{ff5e}\u{1d400}-\u{1d7ff}]/u
const WORD = /[\p{L}\p{N}_]+/gu

/**
 * Splits machine text so that nothing in it is unseen: characters that draw nothing, change direction or pass for
 * Latin letters come out as `hidden` pieces naming their code point. Joined in order, the visible pieces and the
 * characters behind the hidden ones are the text.
 */
export function revealHidden(text: string): Revealed[] {
  const alike = new Set<number>()
  for (const word of text.matchAll(WORD)) {
    if (!LATIN.test(word[0]) || !LOOK_ALIKE.test(word[0])) continue
    let at = word.index
    for (const char of word[0]) {
      if (LOOK_ALIKE.test(char)) alike.add(at)
      at += char.length
    }
  }
  const pieces: Revealed[] = []
  let plain = ''
  let at = 0
  for (const char of text) {
    if (INVISIBLE.test(char) || alike.has(at)) {
      if (plain) pieces.push({ text: plain, hidden: false })
      plain = ''
      pieces.push({ text: codePoint(char), hidden: true })
    } else plain += char
    at += char.length
  }
  if (plain) pieces.push({ text: plain, hidden: false })
  return pieces
}

const MOST_PIECES = 1_000

/**
 * The pieces as they are drawn, a bounded number of them: from some point on, hidden characters stand as `[U+200B]` in
 * one plain piece, so that a text made of nothing else still opens at once.
 */
export function drawnPieces(text: string): Revealed[] {
  const pieces = revealHidden(text)
  if (pieces.length <= MOST_PIECES) return pieces
  const rest = pieces
    .slice(MOST_PIECES)
    .map((piece) => (piece.hidden ? `[${piece.text}]` : piece.text))
    .join('')
  return [...pieces.slice(0, MOST_PIECES), { text: rest, hidden: false }]
}

export const hasHidden = (text: string): boolean => revealHidden(text).some((piece) => piece.hidden)

const codePoint = (char: string) =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
