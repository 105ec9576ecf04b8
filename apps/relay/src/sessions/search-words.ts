import { SEARCH_BOUNDS } from '@bellhop/core'

/** Words that have to stand one after the other; the last may be the beginning of a longer one. */
export type Phrase = { readonly words: readonly string[]; readonly isPrefix: boolean }
/** What is looked for: all of these phrases, in one event. */
export type SearchQuery = readonly Phrase[]

type Word = { readonly folded: string; readonly from: number; readonly to: number }

/** Words of scripts without spaces between words are their single characters. */
const WORD =
  /[[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]&&\p{L}]|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]]+/gv
const SPACELESS = /[[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]&&\p{L}]/gv
// biome-ignore lint/suspicious/noControlCharactersInRegex: where plain letters end
const BEYOND_ASCII = /[^\u0000-\u007f]/
/** Fewer letters are the beginning of too much: of a tenth of all words, and as slow. */
const PREFIX_CHARS = 3

/** Letters without their marks and cases, so that Ä, ä and a are the same. [SE-3] */
const fold = (text: string): string =>
  BEYOND_ASCII.test(text)
    ? text
        .normalize('NFD')
        .replaceAll(/\p{M}+/gu, '')
        .toLowerCase()
    : text.toLowerCase()

/** A text as an index of words separated by anything but letters and digits can take it. */
export const indexText = (text: string): string =>
  BEYOND_ASCII.test(text) ? fold(text).replaceAll(SPACELESS, ' $& ') : text

function* wordsIn(text: string): Generator<Word> {
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const folded = fold(word)
    if (folded !== '') yield { folded, from: index, to: index + word.length }
  }
}

/**
 * What a person typed, as phrases: words, "phrases", and the beginning of the last word. Whatever they
 * type is understood; where it has no letter and no digit, nothing is looked for. [SE-2]
 */
export const readQuery = (typed: string): SearchQuery => {
  const parts = [...typed.matchAll(/"([^"]*)("?)|[^\s"]+/g)].map(([whole, quoted, end]) => ({
    words: [...wordsIn(quoted ?? whole)].map((word) => word.folded),
    isClosed: end === '"',
  }))
  const last = parts.at(-1)
  return parts
    .filter(({ words }) => words.length > 0)
    .map((part) => ({
      words: part.words,
      isPrefix: part === last && !part.isClosed && (part.words.at(-1)?.length ?? 0) >= PREFIX_CHARS,
    }))
}

/** How far the phrase reaches that begins at a word; `undefined` when it does not begin there. */
const endOf = (words: readonly Word[], at: number, { words: wanted, isPrefix }: Phrase) => {
  for (const [index, one] of wanted.entries()) {
    const word = words[at + index]
    const fits =
      isPrefix && index === wanted.length - 1 ? word?.folded.startsWith(one) : word?.folded === one
    if (!fits) return undefined
  }
  return words[at + wanted.length - 1]?.to
}

/** Whether all that is looked for stands in a text. */
export const fits = (query: SearchQuery, text: string): boolean => {
  const words = [...wordsIn(text)]
  return (
    query.length > 0 &&
    query.every((phrase) => words.some((_, at) => endOf(words, at, phrase) !== undefined))
  )
}

/** Every place that fits a phrase, in order, those that touch as one. */
const marksIn = (query: SearchQuery, text: string): [number, number][] => {
  const words = [...wordsIn(text)]
  const marks: [number, number][] = []
  for (const [at, { from }] of words.entries()) {
    const ends = query.map((phrase) => endOf(words, at, phrase) ?? 0)
    const to = Math.max(...ends)
    if (to === 0) continue
    const before = marks.at(-1)
    if (before && from <= before[1]) before[1] = Math.max(before[1], to)
    else marks.push([from, to])
  }
  return marks
}

/** Where the first phrase begins, read no further than needed. */
const firstPlace = (query: SearchQuery, text: string): number => {
  const longest = Math.max(1, ...query.map(({ words }) => words.length))
  let near: Word[] = []
  for (const word of wordsIn(text)) {
    near = [...near.slice(1 - longest), word].slice(-longest)
    for (const [at, { from }] of near.entries()) {
      if (query.some((phrase) => endOf(near, at, phrase) !== undefined)) return from
    }
  }
  return 0
}

const LEAD = 60
const LENGTH = 220

/**
 * The words around the first place that fits, as one line of a bounded length, and what fits in it. Of code it is no more
 * than the line it stands in.
 */
export const snippetOf = (
  query: SearchQuery,
  text: string,
  options: { isCode: boolean },
): { text: string; marks: [number, number][] } => {
  const place = firstPlace(query, text)
  const lineFrom = options.isCode ? text.lastIndexOf('\n', place - 1) + 1 : 0
  const lineEnd = options.isCode ? text.indexOf('\n', place) : -1
  const lineTo = lineEnd < 0 ? text.length : lineEnd
  const near = Math.max(lineFrom, place - LEAD)
  // Begins with a whole word where there is one before the place.
  const gap = near > lineFrom ? text.slice(near, place).search(/\s/) : -1
  const from = gap < 0 ? near : near + gap
  const to = Math.min(lineTo, from + LENGTH)
  const inside = text.slice(from, to).toWellFormed().replaceAll(/\s+/g, ' ').trim()
  const line = `${from > lineFrom ? '…' : ''}${inside}${to < lineTo ? '…' : ''}`
  const shown = line.slice(0, SEARCH_BOUNDS.snippet)
  return { text: shown, marks: marksIn(query, shown) }
}
