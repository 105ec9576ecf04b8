import { stripVTControlCharacters } from 'node:util'
import { printable, wrap } from './terminal.ts'
import { widthOf } from './text-width.ts'

const NO_LIMIT = Number.POSITIVE_INFINITY

/** Text of others as lines that are safe to print, each no wider than `columns` where it can be broken. */
export const safeLines = (text: string, columns = NO_LIMIT): string[] =>
  stripVTControlCharacters(text)
    .split(/\r\n|[\n\r]/)
    .flatMap((line) => {
      const safe = printable(line.replaceAll('\t', '  '), NO_LIMIT)
      return widthOf(safe) <= columns ? [safe] : wrap(safe, columns)
    })

const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029\u{E0000}-\u{E007F}]/gu

/**
 * Lines of what a person is to decide on, whole and as they are: what would be invisible, turn the
 * order of letters or talk to the terminal stands as its code point. Pure.
 */
export const revealedLines = (text: string): string[] =>
  text.split('\n').map((line) => line.replaceAll(/\p{Cc}|\p{Cf}|[\u2028\u2029]/gu, reveal))

const reveal = (char: string) =>
  char === '\t'
    ? '  '
    : `‹U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`

/** Whether a text holds what `revealedLines` writes as code points. Pure. */
export const hidesSomething = (text: string): boolean =>
  (text.replaceAll(/[\n\t]/g, '').match(HIDDEN) ?? []).length > 0
