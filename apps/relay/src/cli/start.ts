import { newCommandId, type Place } from '@bellhop/core'
import { type Call, type Command, isTyped, typedText } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { CommandFailed, UsageError } from './explain.ts'
import { openRelayLink } from './relay-link.ts'
import { wordsOrInput } from './send.ts'
import { printable } from './terminal.ts'

const OPTIONS = ['title', 'repository', 'branch', 'model', 'mode'] as const

/** Starts a session with its first message, or says where one can be started. */
export const startCommand: Command = {
  name: 'start',
  takes: '[words|-]',
  wordsMax: 1_000,
  does: 'Starts a session with these words, or says where.',
  options: {
    place: { type: 'string' },
    ...(Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' }])) as Record<
      (typeof OPTIONS)[number],
      { type: 'string' }
    >),
  },
  means: {
    place: 'where, by id or part of title; needed if several',
    'place<>': 'place',
    title: 'what it is called',
    'title<>': 'title',
    repository: 'the repository it works on, where a place takes one',
    'repository<>': 'address',
    branch: 'the branch it begins from',
    'branch<>': 'branch',
    model: 'its model, as the place names it',
    'model<>': 'model',
    mode: 'its permission mode',
    'mode<>': 'mode',
  },
  notes: ['--json: {sessionId}, or without words {places}.'],
  run: async (call) => {
    const { terminal, config, typed, words } = call
    const client = await openRelayLink(config)
    const { places } = await client.call('places', null)
    if (words.length === 0) return list(call, places)
    const text = await wordsOrInput(call, words)
    const place = findPlace(places, typedText(typed, 'place'))
    const given = (name: (typeof OPTIONS)[number], as: string = name) => {
      const value = typedText(typed, name)
      return value === undefined ? {} : { [as]: value }
    }
    const { sessionId } = await client.call('start', {
      commandId: newCommandId(),
      placeId: place.placeId,
      text,
      ...given('title'),
      ...given('repository'),
      ...given('branch'),
      ...given('model'),
      ...given('mode', 'permissionMode'),
    })
    if (isTyped(typed, 'json')) terminal.json({ sessionId })
    else {
      terminal.line(terminal.styles.good(`Started on ${printable(place.title, 60)}.`))
      terminal.line(`To follow it: bellhop watch ${sessionId}`)
    }
    return EXIT.done
  },
}

const named = (places: readonly Place[]) =>
  places.map(({ title, placeId }) => `${printable(title, 60)} (${placeId})`).join(', ')

const list = ({ terminal, typed }: Call, places: readonly Place[]): number => {
  if (isTyped(typed, 'json')) {
    terminal.json({ places })
    return EXIT.done
  }
  if (places.length === 0) terminal.line('Sessions can be started nowhere now.')
  const { strong, faint } = terminal.styles
  for (const { title, detail, placeId, repositories } of places) {
    terminal.line(
      `${strong(printable(title, 60))}  ${faint(printable(detail ?? '', 80))}`.trimEnd(),
    )
    terminal.line(`  ${faint(placeId)}`)
    for (const one of repositories.slice(0, 5)) terminal.line(`  ${printable(one, 120)}`)
  }
  return EXIT.done
}

/** The one place that was meant. Throws a sentence with the candidates. Pure. */
const findPlace = (places: readonly Place[], wanted: string | undefined): Place => {
  const [only] = places
  if (!only) throw new CommandFailed('Sessions can be started nowhere now.')
  if (wanted === undefined) {
    if (places.length === 1) return only
    throw new UsageError(`Say where with --place: ${named(places)}.`)
  }
  const lower = wanted.toLowerCase()
  const ways = [
    places.filter(({ placeId }) => placeId === wanted),
    places.filter(({ title }) => title.toLowerCase() === lower),
    places.filter(({ title, placeId }) => `${title} ${placeId}`.toLowerCase().includes(lower)),
  ]
  const fits = ways.find((one) => one.length > 0) ?? []
  const [one, second] = fits
  if (one && !second) return one
  if (second)
    throw new CommandFailed(`Several places fit ${printable(wanted, 60)}: ${named(fits)}.`)
  throw new CommandFailed(`No place fits ${printable(wanted, 60)}. There is ${named(places)}.`)
}
