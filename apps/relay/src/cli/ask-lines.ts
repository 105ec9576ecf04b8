import { type AgentAsk, type AnyAsk, askWords, type ToolAsk } from '@bellhop/core'
import { hidesSomething, revealedLines } from './safe-lines.ts'
import { printable, type Styles, wrap } from './terminal.ts'

/** Rules are prose, and made for the narrowest screen people usually have. */
const RULE_COLUMNS = 74

/**
 * Everything an ask says, whole and exactly, as lines: what is decided on is what was read. Numbers
 * stand before what can be chosen. Pure. [I11]
 */
export const askLines = (ask: AnyAsk, styles: Styles): string[] => {
  const body = bodyOf(ask, styles)
  const hidden = hidesSomething(JSON.stringify(ask).replaceAll(/\\[nt]/g, ''))
  return [
    styles.strong(printable(askWords(ask), 200)),
    ...body.map((line) => `  ${line}`.trimEnd()),
    ...(hidden || body.some((line) => line.includes('‹U+'))
      ? [styles.bad('  It holds characters that do not show. They stand as ‹U+…›.')]
      : []),
  ]
}

const bodyOf = (ask: AnyAsk, styles: Styles): string[] => {
  if (ask.kind === 'tool') return toolBody(ask, styles)
  if (ask.kind === 'plan') {
    const modes = ask.modes.map(
      ({ mode, words }, at) =>
        `${printable(mode)}: ${printable(words)}${at === 0 ? ' (usual)' : ''}`,
    )
    return [
      ...revealedLines(ask.plan),
      ...(modes.length > 0 ? ['', 'Approve into (--mode):', ...modes] : []),
    ]
  }
  if (ask.kind === 'unknown') return jsonLines(ask.raw)
  if (ask.kind === 'agent') return agentBody(ask)
  return ask.questions.flatMap(({ question, choices, multiple }, at) => [
    ...(at === 0 ? [] : ['']),
    ...revealedLines(question),
    ...choices.flatMap(({ label, description, preview }, index) => [
      `${index + 1}  ${revealedLines(label).join(' ')}${
        description ? styles.faint(`  ${revealedLines(description).join(' ')}`) : ''
      }`,
      ...(preview ? revealedLines(preview).map((line) => `     ${styles.faint(line)}`) : []),
    ]),
    ...(multiple ? [styles.faint('Several can be chosen: 1,3')] : []),
  ])
}

const toolBody = ({ tool, input, suggestions }: ToolAsk, styles: Styles): string[] => {
  const rules = suggestions.flatMap(({ words, lasts }, at) => {
    const [first = '', ...more] = wrap(revealedLines(words).join(' '), RULE_COLUMNS)
    const length = lasts ? wrap(printable(lasts), RULE_COLUMNS) : []
    return [
      `${at + 1}  ${first}`,
      ...more.map((line) => `   ${line}`),
      ...length.map((line) => `   ${styles.faint(line)}`),
    ]
  })
  return [
    ...inputLines(tool, input),
    ...(rules.length > 0 ? ['', 'Always allow would mean:', ...rules] : []),
  ]
}

/** The exact input: what its kind shows best, and whatever else it holds as JSON. */
const inputLines = (tool: ToolAsk['tool'], input: ToolAsk['input']): string[] => {
  if (tool.kind === 'shell' && input.command === tool.command) {
    const { command: _, ...rest } = input
    return [...revealedLines(tool.command), ...jsonLines(rest)]
  }
  return jsonLines(input)
}

/** What is carried out on a yes; who sends it and where it goes stand in the heading and above. */
const agentBody = ({ command, about }: AgentAsk): string[] => {
  const { commandId: _, sessionId: __, type: ___, ...what } = command
  const { text, ...rest } = what
  return [
    ...(about === undefined ? [] : revealedLines(about)),
    ...(typeof text === 'string' ? [...revealedLines(text), ...jsonLines(rest)] : jsonLines(what)),
  ]
}

const jsonLines = (value: object): string[] =>
  Object.entries(value).flatMap(([name, one]) => {
    const lines = revealedLines(typeof one === 'string' ? one : JSON.stringify(one, null, 2))
    const shownName = revealedLines(name).join(' ')
    return lines.length === 1
      ? [`${shownName}: ${lines[0]}`]
      : [`${shownName}:`, ...lines.map((line) => `  ${line}`)]
  })
