/** What the program writes as the user's words, which are often its own wrapped in tags. Pure. */

export type UserText =
  | { kind: 'words'; text: string }
  | { kind: 'note'; text: string; tone: 'plain' | 'warning' }
  | { kind: 'interrupted' }
  | { kind: 'nothing' }

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
const escapeSequence = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g

const plain = (text: string) => text.replaceAll(escapeSequence, '').trim()

function tag(text: string, name: string): string | undefined {
  const start = text.indexOf(`<${name}>`)
  if (start < 0) return undefined
  const from = start + name.length + 2
  const end = text.indexOf(`</${name}>`, from)
  return plain(text.slice(from, end < 0 ? undefined : end))
}

const note = (text: string, tone: 'plain' | 'warning' = 'plain'): UserText =>
  text === '' ? { kind: 'nothing' } : { kind: 'note', text, tone }

/** Tells a person's words from the program's remarks. */
export function readUserText(text: string): UserText {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'nothing' }
  if (trimmed.startsWith('[Request interrupted by user')) return { kind: 'interrupted' }
  if (!trimmed.startsWith('<')) return { kind: 'words', text }
  if (/^<(system-reminder|local-command-caveat)>/.test(trimmed)) return { kind: 'nothing' }
  if (/^<command-(name|message)>/.test(trimmed)) {
    const name = tag(trimmed, 'command-name') ?? ''
    const args = tag(trimmed, 'command-args') ?? ''
    return note(`${name.startsWith('/') ? '' : '/'}${name} ${args}`.trim())
  }
  if (trimmed.startsWith('<local-command-stdout>')) {
    return note(tag(trimmed, 'local-command-stdout') ?? '')
  }
  if (trimmed.startsWith('<local-command-stderr>')) {
    return note(tag(trimmed, 'local-command-stderr') ?? '', 'warning')
  }
  if (trimmed.startsWith('<bash-input>')) return note(`! ${tag(trimmed, 'bash-input') ?? ''}`)
  if (trimmed.startsWith('<bash-stdout>')) {
    const streams = [tag(trimmed, 'bash-stdout'), tag(trimmed, 'bash-stderr')]
    return note(streams.filter((stream) => stream).join('\n'))
  }
  if (trimmed.startsWith('<task-notification>')) {
    return note(tag(trimmed, 'summary') || 'A background task has news.')
  }
  return { kind: 'words', text }
}

/** The words inside a message from another session, without what the program says about it. */
export function peerWords(text: string): string {
  const [, inner] = /<cross-session-message[^>]*>(.*)<\/cross-session-message>/s.exec(text) ?? []
  return (inner ?? text).trim()
}
