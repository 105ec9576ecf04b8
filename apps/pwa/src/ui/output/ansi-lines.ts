import anser from 'anser'
import { readable } from './readable-color.ts'

const NAMED = ['dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'plain'] as const
export type AnsiColor = (typeof NAMED)[number]

/** A run of terminal output in one look. */
export type AnsiSpan = {
  readonly text: string
  readonly color?: AnsiColor
  /** A colour outside the sixteen, as CSS that stays readable in light and dark. */
  readonly css?: string
  readonly bold?: boolean
  readonly inverse?: boolean
}

// Everything that moves, titles, links or erases; colours (…m) are read by anser.
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b\[[0-9;?]*[ -/]*[@-ln-~]|\u001b[()*+][0-9A-Za-z]|\u001b[=>78cDEHMNOZ]|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g

/** Terminal output as lines of coloured runs: a carriage return starts its line over, as a terminal would draw it. */
export function ansiLines(output: string): AnsiSpan[][] {
  const text = output.replace(CONTROL, '').replace(/\r+\n/g, '\n').replace(/\n$/, '')
  const lines: AnsiSpan[][] = [[]]
  for (const entry of anser.ansiToJson(overwrite(text), {
    use_classes: true,
    remove_empty: true,
  })) {
    const look = lookOf(entry)
    entry.content.split('\n').forEach((part, at) => {
      if (at > 0) lines.push([])
      const clean = part.replaceAll('\u001b', '')
      if (clean) lines.at(-1)?.push({ text: clean, ...look })
    })
  }
  return lines
}

const overwrite = (text: string) =>
  text.includes('\r')
    ? text
        .split('\n')
        .map((line) => line.split('\r').filter(Boolean).at(-1) ?? '')
        .join('\n')
    : text

function lookOf(entry: ReturnType<typeof anser.ansiToJson>[number]): Omit<AnsiSpan, 'text'> {
  const has = (name: string) => entry.decorations.some((decoration) => decoration === name)
  const bold = has('bold')
  // Anser has already swapped the two for inverse text; a background of its own is drawn the same way.
  const ground = nameOf(entry.bg)
  const inverse = ground !== undefined && ground !== 'dim'
  const color = has('dim') ? 'dim' : inverse ? ground : nameOf(entry.fg)
  const css =
    color === undefined && entry.fg_truecolor ? readable(entry.fg_truecolor) : paletteCss(entry.fg)
  return {
    ...(color && color !== 'plain' && { color }),
    ...(css && !inverse && { css }),
    ...(bold && { bold }),
    ...(inverse && { inverse }),
  }
}

/** Anser names the sixteen `ansi-red` or `ansi-bright-red`; here bright equals normal. */
function nameOf(name: string | null): AnsiColor | undefined {
  const base = name?.replace('ansi-bright-', '').replace('ansi-', '')
  if (base === 'black') return 'dim'
  if (base === 'white') return 'plain'
  return NAMED.find((known) => known === base)
}

/** The 256-colour palette beyond the sixteen: a 6×6×6 cube, then grey. */
function paletteCss(name: string | null): string | undefined {
  const index = Number(/^ansi-palette-(\d+)$/.exec(name ?? '')?.[1] ?? Number.NaN)
  if (Number.isNaN(index) || index < 16) return undefined
  if (index >= 232) {
    const level = 8 + (index - 232) * 10
    return readable(`${level}, ${level}, ${level}`)
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return readable(
    `${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)}`,
  )
}
