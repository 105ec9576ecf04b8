import { BELLHOP_VERSION, type Device, type ResponseOf } from '@bellhop/core'
import { type Answer, type Reach, WAYS } from './reach.ts'
import { printable, type Styles } from './terminal.ts'

type About = ResponseOf<'relay'>

const LABEL = 10
const label = (text: string) => `  ${text.padEnd(LABEL)}`
const below = ' '.repeat(LABEL + 2)

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
  styles: Styles,
): string[] => {
  const lines =
    publicUrl === null
      ? [`${label('Reach')}${styles.strong(url)}  ${styles.faint(through)}`]
      : [
          `${label('Reach')}${styles.strong(publicUrl)}  ${answer ? answerWords(answer, styles) : ''}`,
          `${below}${styles.faint(through)}`,
        ]
  if (problem !== undefined) lines.push(`${below}${printable(problem, 300)}`)
  if (publicUrl !== null) return lines
  const { port } = new URL(url)
  return [
    ...lines,
    `${below}A phone needs an https address that leads here. One of:`,
    ...WAYS.map(
      ([way, means]) => `${below}${way.padEnd(17)}${styles.faint(means.replaceAll('PORT', port))}`,
    ),
  ]
}

const sourceLines = (sources: About['sources'], { bad }: Styles): string[] =>
  sources.map(({ title, text, state }, index) => {
    const words = printable(text, 200)
    const said = state === 'down' ? bad(words) : words
    return `${index === 0 ? label('Sources') : below}${printable(title, 30).padEnd(13)}${said}`
  })

const deviceLine = (devices: readonly Device[]): string => {
  const names = devices.map(({ name }) => printable(name, 30))
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  return `${label('Devices')}${names.length === 0 ? 'none yet' : names.slice(0, 4).join(', ') + more}`
}

/** Everything worth knowing when a relay starts. */
export const headerLines = (facts: {
  about: About
  devices: readonly Device[]
  reach: Reach
  answer: Answer | undefined
  url: string
  /** Said where there is nothing to follow. */
  note: string | undefined
  styles: Styles
}): string[] => {
  const { about, devices, reach, answer, url, note, styles } = facts
  return [
    '',
    `  ${styles.strong(`Bellhop ${BELLHOP_VERSION}`)} on ${printable(about.machine, 60)}`,
    '',
    ...reachLines(reach, answer, url, styles),
    ...sourceLines(about.sources, styles),
    ...(note === undefined ? [] : [`${below}${note}`]),
    deviceLine(devices),
    '',
  ]
}
