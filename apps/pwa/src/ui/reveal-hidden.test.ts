import { expect, test } from 'vitest'
import { hasHidden, revealHidden } from './reveal-hidden.ts'

const shown = (text: string) =>
  revealHidden(text)
    .map((piece) => (piece.hidden ? `[${piece.text}]` : piece.text))
    .join('')

test('[I11] ordinary commands come back in one visible piece, line breaks and tabs included', () => {
  const command = 'rm -rf dist\n\tpnpm test -- --run "ü 漢字"'
  expect(revealHidden(command)).toEqual([{ text: command, hidden: false }])
})

test('[I11] direction overrides, zero width characters, escapes and odd spaces are named', () => {
  expect(shown('a\u202eb')).toBe('a[U+202E]b')
  expect(shown('r\u200bm')).toBe('r[U+200B]m')
  expect(shown('\u001b[2Kls')).toBe('[U+001B][2Kls')
  expect(shown('ls\r')).toBe('ls[U+000D]')
  expect(shown('a\u00a0b\u{e0041}')).toBe('a[U+00A0]b[U+E0041]')
})

test('[I11] a Cyrillic letter inside a Latin word is named, whole words in another script are not', () => {
  expect(shown('cat pаsswd')).toBe('cat p[U+0430]sswd')
  expect(hasHidden('echo привет αβγ')).toBe(false)
})
