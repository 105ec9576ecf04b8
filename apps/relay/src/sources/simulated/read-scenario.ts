import { parseDraft, RelayError } from '@bellhop/core'
import type { Scenario, Step } from './scenario.ts'
import { createScript } from './script.ts'

type Fields = Readonly<Record<string, unknown>>

/** The lists of steps within each kind of step. */
const INNER: Readonly<Record<Step['do'], readonly string[]>> = {
  person: [],
  say: [],
  think: [],
  note: [],
  tasks: [],
  change: [],
  pause: [],
  tool: [],
  subagent: ['steps'],
  question: ['answered', 'talk'],
  plan: ['approved', 'rejected'],
  'end-turn': [],
  end: [],
  raw: [],
}

/**
 * Checks a scenario file whole, every step by the drafts it would make, so that a mistake shows when
 * the demo starts and not in its middle. Throws `config_invalid` with the place and what is wrong.
 */
export const readScenario = (value: unknown): Scenario => {
  const name = isFields(value) ? value.name : undefined
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw wrong('scenario', 'has no name of lower case letters and dashes')
  }
  const fields = value as Fields
  if (typeof fields.startedMinutesAgo !== 'number')
    throw wrong(name, 'startedMinutesAgo is missing')
  if (!isFields(fields.session)) throw wrong(name, 'session is missing')
  checkDraft(script(name).started(fields.session as Scenario['session'], 'desk'), `${name}.session`)
  checkSteps(fields.before, `${name}.before`)
  checkSteps(fields.play, `${name}.play`)
  for (const [at, reply] of list(fields.replies, `${name}.replies`).entries()) {
    checkSteps(reply, `${name}.replies.${at}`)
  }
  return value as Scenario
}

const script = (name: string) =>
  createScript({ name, round: '0', at: () => '2026-01-01T00:00:00Z' })

const checkSteps = (value: unknown, place: string): void => {
  for (const [at, step] of list(value, place).entries()) checkStep(step, `${place}.${at}`)
}

const checkStep = (value: unknown, place: string): void => {
  const kind = isFields(value) ? value.do : undefined
  if (typeof kind !== 'string' || !Object.hasOwn(INNER, kind)) {
    throw wrong(place, `there is no step called ${String(kind)}`)
  }
  const fields = value as Fields
  for (const name of INNER[kind as Step['do']]) checkSteps(fields[name], `${place}.${name}`)
  if (kind === 'tool' && fields.asks !== undefined) {
    if (!isFields(fields.asks)) throw wrong(place, 'asks is not an object')
    checkSteps(fields.asks.denied, `${place}.asks.denied`)
  }
  if (kind === 'pause') {
    if (typeof fields.ms !== 'number') throw wrong(place, 'ms is missing')
    return
  }
  if (kind === 'raw') {
    if (!isFields(fields.event)) throw wrong(place, 'event is missing')
    return
  }
  for (const draft of script('check').sample(value as Step)) checkDraft(draft, place)
}

const checkDraft = (draft: unknown, place: string): void => {
  const parsed = parseDraft(draft)
  if (!parsed.ok) throw wrong(place, parsed.issue)
}

const list = (value: unknown, place: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw wrong(place, 'is not a list')
  return value
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wrong = (place: string, why: string) => new RelayError('config_invalid', { place, why })
