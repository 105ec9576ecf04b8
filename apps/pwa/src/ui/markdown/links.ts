/** The address a link may lead to, or undefined when its scheme is not one a person would tap on knowingly. */
export function safeHref(href: string): string | undefined {
  try {
    const { protocol } = new URL(href)
    return protocol === 'https:' || protocol === 'http:' || protocol === 'mailto:'
      ? href
      : undefined
  } catch {
    return undefined
  }
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  copy: '©',
  rarr: '→',
  larr: '←',
  times: '×',
}

/** Reads the few character references people write in Markdown; any other stays as it is. */
export function decodeReferences(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,8}));/g,
    (whole, dec, hex, name) => {
      if (name) return NAMED[name] ?? whole
      const point = Number.parseInt(dec ?? hex, dec ? 10 : 16)
      return point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
        ? String.fromCodePoint(point)
        : whole
    },
  )
}
