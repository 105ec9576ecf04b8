const NAME_CHARS = 60

const SEPARATORS = /\r\n?|[\u0085\u2028\u2029]/g
// Characters that move the cursor, erase or turn around what stands beside them, and tags, which write
// what a model reads and nobody sees.
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/gu

const plainText = (text: string): string =>
  text.toWellFormed().replaceAll(SEPARATORS, '\n').replaceAll(CONTROLS, '')

/** A name on one line, without what could end the place it stands in. */
const plainName = (name: string): string => {
  const letters = plainText(name).replaceAll(/[\s“”]+/g, ' ')
  return Array.from(letters.trim()).slice(0, NAME_CHARS).join('').trim() || 'unnamed'
}

const BEGINS = 'From the agent “'
const ENDS = '”, through Bellhop. Your person typed none of this:'
const FIRST_LINE = new RegExp(`^${BEGINS}([^“”\\n]+)${ENDS.replace('.', '\\.')}\\n\\n`)

/**
 * An agent’s message as a session is told it: its first line says whose it is, so nothing an agent
 * sends begins with a slash command or passes for the person’s own words. Pure. [MC-7]
 */
export const agentWords = (agentName: string, text: string): string =>
  `${BEGINS}${plainName(agentName)}${ENDS}\n\n${plainText(text)}`

/** Takes such a message apart again; undefined for any other text. Pure. [MC-7] */
export const readAgentWords = (text: string): { agentName: string; text: string } | undefined => {
  const [firstLine, agentName] = FIRST_LINE.exec(text) ?? []
  if (firstLine === undefined || agentName === undefined) return undefined
  return { agentName, text: text.slice(firstLine.length) }
}

/** The words alone, without the line that says which agent they are from. Pure. */
export const bareWords = (text: string): string => readAgentWords(text)?.text ?? text
