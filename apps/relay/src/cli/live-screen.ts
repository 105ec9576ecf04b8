import type { Terminal } from './terminal.ts'
import { widthOf } from './text-width.ts'

const CLEAR_LINE = '\r\u001b[2K'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/** Lines that stay, one line at the end that changes, and keys as they are pressed. */
export type LiveScreen = Disposable & {
  /** Adds lines above the changing one. */
  print(lines: readonly string[]): void
  /** Prints lines that the next call replaces where they stand, as long as nothing followed them. */
  printBlock(lines: readonly string[]): void
  /** The last line; cut to the width of the window. */
  status(text: string): void
  /** Where keys go; the newest listener gets them. */
  onKey(listener: (key: string) => void): Disposable
}

const cutTo = (text: string, columns: number) =>
  // Colours make a line longer than it looks; one that would wrap is shown plain and cut.
  widthOf(text) < columns ? text : `${text.slice(0, columns - 2)}…`

/** Takes over a terminal until disposed; Ctrl-C and Ctrl-D arrive as the key `q`. */
export const openLiveScreen = (terminal: Terminal): LiveScreen => {
  const { input, output } = terminal
  const listeners: ((key: string) => void)[] = []
  let status = ''
  let block: { lines: number } | undefined

  const write = (text: string) => void output.write(text)
  const drawStatus = () => write(CLEAR_LINE + cutTo(status, terminal.columns()))
  const hear = (chunk: Buffer | string) => {
    for (const key of chunk.toString()) {
      const isStop = key === CTRL_C || key === CTRL_D
      listeners.at(-1)?.(isStop ? 'q' : key.toLowerCase())
    }
  }
  const redraw = () => drawStatus()

  input.setRawMode?.(true)
  input.on('data', hear)
  input.resume()
  output.on('resize', redraw)

  const print = (lines: readonly string[]) => {
    write(CLEAR_LINE + lines.map((line) => `${line}\n`).join(''))
    drawStatus()
  }
  return {
    print: (lines) => {
      block = undefined
      print(lines)
    },
    printBlock: (lines) => {
      const fits = block !== undefined && block.lines < terminal.rows()
      if (block && fits) write(`${CLEAR_LINE}\u001b[${block.lines}A\u001b[J`)
      print(lines)
      block = { lines: lines.length }
    },
    status: (text) => {
      if (text === status) return
      status = text
      drawStatus()
    },
    onKey: (listener) => {
      listeners.push(listener)
      return {
        [Symbol.dispose]: () => {
          const index = listeners.indexOf(listener)
          if (index >= 0) listeners.splice(index, 1)
        },
      }
    },
    [Symbol.dispose]: () => {
      write(CLEAR_LINE)
      output.off('resize', redraw)
      input.off('data', hear)
      input.setRawMode?.(false)
      input.pause()
    },
  }
}
