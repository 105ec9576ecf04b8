/**
 * A value as one line of JSON that a terminal shows as it stands: characters that would move its
 * cursor, start a command of its own or turn the order of the letters are written as escapes.
 */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) =>
    Array.from({ length: char.length }, (_, at) => escaped(char.charCodeAt(at))).join(''),
  )

const escaped = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`
