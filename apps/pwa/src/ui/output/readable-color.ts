type Rgb = readonly [number, number, number]

// The two grounds that output stands on, light and dark.
const LIGHT_GROUND: Rgb = [0xed, 0xf0, 0xee]
const DARK_GROUND: Rgb = [0x0f, 0x15, 0x13]
const WANTED_RATIO = 4.5

/** A colour for text on the code ground, moved towards black or white until it can be read there, in either theme. */
export function readable(rgb: string): string | undefined {
  const parts = rgb.split(',').map(Number)
  if (parts.length !== 3 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined
  const color = parts as unknown as Rgb
  return `light-dark(${css(shift(color, LIGHT_GROUND, 0))}, ${css(shift(color, DARK_GROUND, 255))})`
}

function shift(color: Rgb, ground: Rgb, towards: number): Rgb {
  for (let step = 0; step < 20; step++) {
    const share = step / 20
    const moved = color.map((part) => Math.round(part + (towards - part) * share)) as unknown as Rgb
    if (contrast(moved, ground) >= WANTED_RATIO) return moved
  }
  return [towards, towards, towards]
}

/** The WCAG contrast ratio of two colours. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const css = (color: Rgb) => `rgb(${color.join(' ')})`
