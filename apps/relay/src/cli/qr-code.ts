import { encode } from 'uqr'

const BORDER = 2
// Black and white from the 256 colours, which themes leave alone.
const ON_WHITE = '\u001b[38;5;16;48;5;231m'
const RESET = '\u001b[0m'

/**
 * A QR code in half blocks, two rows of modules a line. Coloured it is black on white in every
 * theme; plain, the light modules are the drawn ones, which fits a dark terminal.
 */
export const qrCode = (text: string, colored: boolean): string[] => {
  const { data, size } = encode(text, { ecc: 'L', border: BORDER })
  const isDark = (row: number, column: number) => data[row]?.[column] ?? false
  const lines: string[] = []
  for (let row = 0; row < size; row += 2) {
    let line = ''
    for (let column = 0; column < size; column++) {
      const upper = isDark(row, column) === colored
      const lower = (row + 1 < size && isDark(row + 1, column)) === colored
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    }
    lines.push(colored ? ON_WHITE + line + RESET : line)
  }
  return lines
}
