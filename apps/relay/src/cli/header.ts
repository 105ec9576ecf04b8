import { BELLHOP_VERSION, type ResponseOf } from '@bellhop/core'
import { type Answer, type Reach, WAYS } from './reach.ts'
import { printable, type Styles, type Terminal, wrap } from './terminal.ts'

type Sources = ResponseOf<'relay'>['sources']

const LABEL = 10
const WAY = 17
const label = (text: string) => `  ${text.padEnd(LABEL)}`
const below = ' '.repeat(LABEL + 2)

/** Text beside what stands before it, going on below itself. */
const beside = (
  before: string,
  text: string,
  columns: number,
  style: (line: string) => string = (line) => line,
): string[] =>
  wrap(text, Math.max(columns - before.length - 1, 24)).map(
    (line, index) => (index === 0 ? before : ' '.repeat(before.length)) + style(line),
  )

const answerWords = (answer: Answer, { good, bad }: Styles): string => {
  switch (answer.state) {
    case 'answers':
      return good(`answers in ${answer.ms} ms`)
    case 'another':
      return bad('another program answers there')
    case 'silent':
      return bad(`does not answer yet (${printable(answer.why, 60)})`)
  }
}

const reachLines = (
  { publicUrl, through, problem }: Reach,
  answer: Answer | undefined,
  url: string,
  { styles, columns }: Pick<Terminal, 'styles' | 'columns'>,
): string[] => {
  const width = columns()
  const address = styles.strong(publicUrl ?? url)
  const lines =
    publicUrl === null
      ? [`${label('Reach')}${address}  ${styles.faint(through)}`]
      : [
          `${label('Reach')}${address}  ${answer ? answerWords(answer, styles) : ''}`,
          ...beside(below, through, width, styles.faint),
        ]
  if (problem !== undefined) lines.push(...beside(below, printable(problem, 300), width))
  if (publicUrl !== null) return lines
  const { port } = new URL(url)
  return [
    ...lines,
    '',
    ...beside(below, 'A phone needs an https address that leads here. One of:', width),
    ...WAYS.flatMap(([way, means]) =>
      beside(below + way.padEnd(WAY), means.replaceAll('PORT', port), width, styles.faint),
    ),
    '',
  ]
}

const sourceLines = (
  sources: Sources,
  { styles, columns }: Pick<Terminal, 'styles' | 'columns'>,
): string[] => {
  const titles = sources.map(({ title }) => printable(title, 30))
  const widest = Math.max(0, ...titles.map(({ length }) => length))
  return sources.flatMap(({ text, state }, index) => {
    const before =
      (index === 0 ? label('Sources') : below) + (titles[index] ?? '').padEnd(widest + 2)
    return beside(
      before,
      printable(text, 200),
      columns(),
      state === 'down' ? styles.bad : undefined,
    )
  })
}

const deviceLine = (deviceNames: readonly string[]): string => {
  const names = deviceNames.map((name) => printable(name, 30))
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  return `${label('Devices')}${names.length === 0 ? 'none yet' : names.slice(0, 4).join(', ') + more}`
}

/** Everything worth knowing when a relay starts. */
export const headerLines = (facts: {
  machine: string
  sources: Sources
  deviceNames: readonly string[]
  reach: Reach
  answer: Answer | undefined
  url: string
  /** Said where there is nothing to follow. */
  note: string | undefined
  terminal: Pick<Terminal, 'styles' | 'columns'>
}): string[] => {
  const { machine, sources, deviceNames, reach, answer, url, note, terminal } = facts
  const { styles } = terminal
  return [
    '',
    `  ${styles.strong(`Bellhop ${BELLHOP_VERSION}`)} on ${printable(machine, 60)}`,
    '',
    ...reachLines(reach, answer, url, terminal),
    ...sourceLines(sources, terminal),
    ...(note === undefined ? [] : beside(below, note, terminal.columns())),
    deviceLine(deviceNames),
    '',
  ]
}
