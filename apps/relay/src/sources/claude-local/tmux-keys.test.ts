import { describe, expect, test } from 'vitest'
import { keyChunks, takesWords, typeable } from './tmux-keys.ts'

describe('words to type', () => {
  test.each([
    ['a lone carriage return', 'one\r!touch x', 'one\n!touch x'],
    ['line ends of any kind', 'a\r\nb\u0085c\u2028d\u2029e', 'a\nb\nc\nd\ne'],
    ['backspace, ^U, ^C, ^D and Escape', '\u007f\b\u0015\u0003\u0004\u001bx', 'x'],
    ['the end of a paste', 'a\u001b[201~\r\u009b201~b', 'a\nb'],
    ['colours of a log', '\u001b[31mred\u001b[0m', 'red'],
    ['half a character', 'a\ud83d', 'a\ufffd'],
    ['tabs', 'a\tb', 'a  b'],
    ['a line end behind a backslash', 'a \\', 'a \\ '],
    ['every other letter', 'ä 🎉 👩‍👩‍👧 ‮abc', 'ä 🎉 👩‍👩‍👧 ‮abc'],
  ])('[I11] hold no key but letters and line ends: %s', (_what, text, typed) => {
    expect(typeable(text)).toBe(typed)
  })

  test.each(['!ls', '\u007f!ls', '\u0015!ls', ' \u0008!ls', '\u200b!ls', '\u001b[D!ls', '\r!ls'])(
    '[I11] are never a line for the shell: %j',
    (text) => {
      expect(typeable(text)).toMatch(/^\s/)
    },
  )

  test('[I11] are letters to tmux, whatever they end in, and no letter is cut in two', () => {
    expect(keyChunks('')).toEqual([])
    expect(keyChunks('echo hi;')).toEqual(['echo hi\\;'])
    expect(keyChunks('a\\;')).toEqual(['a\\\\;'])
    expect(keyChunks('🎉'.repeat(150))).toEqual(['🎉'.repeat(100), '🎉'.repeat(50)])
  })
})

describe('the screen before Enter', () => {
  const line = '─'.repeat(60)
  const box = (...words: string[]) => [line, ...words, line, '  ⏸ manual mode on'].join('\n')

  test('[I11] takes words in the box, also in one taller than the screen', () => {
    expect(takesWords(`❯ before\n${box('❯ hello')}`)).toBe(true)
    expect(takesWords(['  line 8', '  line 9', line, '  ⏸ manual mode on'].join('\n'))).toBe(true)
  })

  test('[I11] takes none where a menu stands, or nothing that is known', () => {
    expect(takesWords([line, ' Bash command', ' Do you want to?', ' ❯ 1. Yes'].join('\n'))).toBe(
      false,
    )
    expect(takesWords([line, ' Pick', ' ❯ 1. a', line, ' Enter to select'].join('\n'))).toBe(false)
    expect(takesWords('no rule at all')).toBe(false)
  })
})
