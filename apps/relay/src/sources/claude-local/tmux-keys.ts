/** Types into a session's terminal as its person would, through the tmux it runs in. */
import { execFile } from 'node:child_process'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify, stripVTControlCharacters } from 'node:util'
import { RelayError } from '@bellhop/core'

const run = promisify(execFile)

export interface TmuxPane {
  socketPath: string
  pane: string
}

const commandTimeoutMs = 5_000
// A burst of keys is taken for a paste, and Enter right behind it for a line break.
const chunkChars = 100
const betweenChunksMs = 20
const beforeEnterMs = 300

async function tmux(pane: TmuxPane, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('tmux', ['-S', pane.socketPath, ...args], {
      timeout: commandTimeoutMs,
    })
    return stdout
  } catch (error) {
    throw new RelayError('source_unreachable', { through: 'tmux' }, error)
  }
}

const keys = (pane: TmuxPane, ...names: string[]) =>
  tmux(pane, 'send-keys', '-t', pane.pane, ...names)

/** What stands on the session's screen now, with the colours it stands there in. */
export const styledScreen = (pane: TmuxPane): Promise<string> =>
  tmux(pane, 'capture-pane', '-e', '-p', '-t', pane.pane)

/** Presses Escape once. */
export async function pressEscape(pane: TmuxPane): Promise<void> {
  await keys(pane, 'Escape')
}

/** Presses Enter once. */
export async function pressEnter(pane: TmuxPane): Promise<void> {
  await keys(pane, 'Enter')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
const dimText = /\u001b\[(?:\d+;)*2(?:;\d+)*m.*?(?=\u001b\[(?:0|22)?m|$)/gm
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
const escapeSequence = /\u001b\[[0-9;:?]*[A-Za-z]/g

const rule = /^─{20,}/

const dialogIsOpen = () => new RelayError('source_refused', { why: 'a dialog is open' })

/**
 * What the person has typed into the input box and not sent; undefined when the screen shows no
 * input box, as under a dialog. The grey hint in an empty box is not text.
 */
export function draftOn(styled: string): string | undefined {
  const lines = styled.replaceAll(dimText, '').replaceAll(escapeSequence, '').split('\n')
  const shown = styled.replaceAll(escapeSequence, '').split('\n')
  const isRule = (line: string) => rule.test(line)
  const bottom = shown.findLastIndex(isRule)
  const top = shown.slice(0, Math.max(bottom, 0)).findLastIndex(isRule)
  if (top < 0 || !shown[top + 1]?.startsWith('❯')) return undefined
  const box = lines.slice(top + 1, bottom).map((line) => line.replace(/^❯\s?/, '').trim())
  return box.join('\n').trim()
}

/**
 * Whether keys go into the input box: the last rule on the screen has no menu below it, and the one
 * above it, where the box is not taller than the screen, has the box's mark.
 */
export function takesWords(styled: string): boolean {
  const lines = styled.replaceAll(escapeSequence, '').split('\n')
  const bottom = lines.findLastIndex((line) => rule.test(line))
  if (bottom < 0 || lines.slice(bottom).some((line) => /^\s*❯/.test(line))) return false
  const top = lines.slice(0, bottom).findLastIndex((line) => rule.test(line))
  return top < 0 || lines[top + 1]?.startsWith('❯') === true
}

const lineEnd = /\r\n?|[\u0085\u2028\u2029]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as keys they would press, erase and stop.
const otherControl = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g

/**
 * The words with nothing in them that is a key rather than a letter, and never as a line for the
 * shell, which an exclamation mark in front would make them. Pure.
 */
export function typeable(text: string): string {
  const plain = stripVTControlCharacters(text.toWellFormed().replaceAll(lineEnd, '\n'))
  const words = plain.replaceAll('\t', '  ').replaceAll(otherControl, '')
  const ended = words.endsWith('\\') ? `${words} ` : words
  return /^\p{Cf}*!/u.test(ended) ? ` ${ended}` : ended
}

/** One line as arguments of `send-keys -l`, none of which tmux reads as more than letters. Pure. */
export function keyChunks(line: string): string[] {
  const letters = Array.from(line)
  const chunks: string[] = []
  for (let from = 0; from < letters.length; from += chunkChars) {
    chunks.push(letters.slice(from, from + chunkChars).join(''))
  }
  // A semicolon at the end of an argument would end tmux's command.
  return chunks.map((chunk) => chunk.replace(/;$/, '\\;'))
}

/**
 * Types words, made `typeable` before, and submits them; a draft in the box is put aside and comes
 * back by itself. Refuses with `source_refused` where there is no input box, and does not press
 * Enter where there is none any more. Does not check that the session took it.
 */
export async function typeMessage(pane: TmuxPane, words: string): Promise<void> {
  // Out of scroll mode, where keys would move the view instead.
  await tmux(pane, 'send-keys', '-t', pane.pane, '-X', 'cancel').catch(() => '')
  const draft = draftOn(await styledScreen(pane))
  if (draft === undefined) throw dialogIsOpen()
  if (draft !== '') {
    await keys(pane, 'C-s')
    await sleep(beforeEnterMs)
  }
  for (const [index, line] of words.split('\n').entries()) {
    if (index > 0) await keys(pane, 'C-j')
    for (const chunk of keyChunks(line)) {
      await keys(pane, '-l', '--', chunk)
      await sleep(betweenChunksMs)
    }
  }
  await sleep(beforeEnterMs)
  // In a dialog that opened meanwhile, Enter would say yes to what nobody has read.
  if (!takesWords(await styledScreen(pane))) throw dialogIsOpen()
  await keys(pane, 'Enter')
}

async function parentsOf(pid: number): Promise<Set<number>> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='], { timeout: commandTimeoutMs })
  const parents = new Map(
    stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([child = 0, parent = 0]) => [child, parent]),
  )
  const chain = new Set<number>()
  for (let at = pid; at > 1 && !chain.has(at); at = parents.get(at) ?? 0) chain.add(at)
  return chain
}

/** Finds the tmux pane a process runs in, for a session that could not tell; undefined when in none. */
export async function findPane(pid: number, env: NodeJS.ProcessEnv): Promise<TmuxPane | undefined> {
  const folder = join(env.TMUX_TMPDIR || '/tmp', `tmux-${process.getuid?.() ?? 0}`)
  const owner = await lstat(folder).catch(() => undefined)
  // Anybody may make this folder; what is typed goes only to a server of the person's own.
  if (!owner?.isDirectory() || owner.uid !== process.getuid?.()) return undefined
  const sockets = await readdir(folder).catch(() => [])
  const chain = await parentsOf(pid).catch(() => new Set<number>())
  for (const name of sockets) {
    const socketPath = join(folder, name)
    const list = ['list-panes', '-a', '-F', '#{pane_pid} #{pane_id}']
    const panes = await tmux({ socketPath, pane: '' }, ...list).catch(() => '')
    for (const line of panes.split('\n')) {
      const [panePid = '', pane = ''] = line.split(' ')
      if (pane !== '' && chain.has(Number(panePid))) return { socketPath, pane }
    }
  }
  return undefined
}
