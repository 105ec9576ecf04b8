import type { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters, styleText } from 'node:util'
import { plainJson } from '../plain-json.ts'
import { clipped, widthOf } from './text-width.ts'

type Input = Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }
type Output = Writable & { isTTY?: boolean; columns?: number; rows?: number }

/** Where a command reads and writes, and what may be drawn there. */
export type Terminal = {
  readonly input: Input
  readonly output: Output
  readonly error: Writable
  /** Whether a person sits at both ends, and can be asked. */
  readonly canAsk: boolean
  readonly styles: Styles
  columns(): number
  rows(): number
  /** Lines for people or, with --json, for programs. */
  line(text?: string): void
  json(value: unknown): void
}

/** Words with a meaning, drawn where the terminal can and left plain where it cannot. */
export type Styles = {
  readonly colored: boolean
  strong(text: string): string
  faint(text: string): string
  /** Works; is in. */
  good(text: string): string
  bad(text: string): string
  /** The one colour that says a person is needed. */
  waiting(text: string): string
}

const makeStyles = (colored: boolean): Styles => {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colored ? styleText(format, text, { validateStream: false }) : text
  return {
    colored,
    strong: style('bold'),
    faint: style('dim'),
    good: style('green'),
    bad: style('red'),
    // Brass and ink from the 256 colours, which themes leave alone.
    waiting: (text) => (colored ? `\u001b[1;38;5;16;48;5;179m ${text} \u001b[0m` : text),
  }
}

const NARROW = 40
const USUAL = { columns: 80, rows: 24 }

export const makeTerminal = (
  streams: { input: Input; output: Output; error: Writable },
  env: Readonly<Record<string, string | undefined>>,
): Terminal => {
  const { input, output, error } = streams
  const isTty = output.isTTY === true && env.TERM !== 'dumb'
  return {
    input,
    output,
    error,
    canAsk: isTty && input.isTTY === true && !env.CI,
    styles: makeStyles(isTty && !env.NO_COLOR),
    columns: () => Math.max(output.columns ?? USUAL.columns, NARROW),
    rows: () => output.rows ?? USUAL.rows,
    line: (text = '') => void output.write(`${text}\n`),
    json: (value) => void output.write(`${plainJson(value)}\n`),
  }
}

/** Text of others, safe to print, in `max` columns: control characters could move the cursor or hide what is said. */
export const printable = (text: string, max = 200): string => {
  const one = stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
  return clipped(one, max)
}

/** A text broken at spaces so that no line is wider than `columns`; what cannot be broken is not. */
export const wrap = (text: string, columns: number): string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
