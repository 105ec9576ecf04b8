import { createSignal } from 'solid-js'

/** What this phone remembers about itself. Small, and needed before the first drawing. */
const PREFIX = 'bellhop.'

/** A small thing by name; `forgetSettings` forgets it too. */
export const readSetting = (name: string): string | undefined => {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined
  } catch {
    return undefined
  }
}
export const writeSetting = (name: string, value: string | undefined): void => {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, value)
  } catch {
    // Without storage a setting lasts as long as the page.
  }
}

export type Look = 'system' | 'light' | 'dark'

const [look, setLookSignal] = createSignal<Look>(
  (readSetting('look') as Look | undefined) ?? 'system',
)

export { look }

/** Chooses light, dark, or what the phone does. */
export function setLook(value: Look): void {
  writeSetting('look', value === 'system' ? undefined : value)
  setLookSignal(value)
}

/** Whether pushes are wanted; only then are they set up again when the browser has lost them. */
export const pushWanted = (): boolean => readSetting('push') === 'on'
export const setPushWanted = (on: boolean): void => writeSetting('push', on ? 'on' : 'off')

/** Whether the person chose to pair in a browser tab although the home screen would be better. */
export const tabAnyway = (): boolean => readSetting('tab') === 'anyway'
export const setTabAnyway = (): void => writeSetting('tab', 'anyway')

/** Whether this relay's line is known to hold streams back. */
export const heldBack = (): boolean => readSetting('poll') === 'yes'
export const setHeldBack = (): void => writeSetting('poll', 'yes')

/** What was being written in a session and has not been sent. */
export const draftOf = (sessionId: string): string => readSetting(`draft.${sessionId}`) ?? ''
export const setDraft = (sessionId: string, text: string): void =>
  writeSetting(`draft.${sessionId}`, text === '' ? undefined : text)

/** The state of each session when it was last opened, and a baseline for those never opened. */
export function createSeen() {
  const [seen, setSeen] = createSignal<Readonly<Record<string, string>>>(
    JSON.parse(readSetting('seen') ?? '{}'),
  )
  return {
    since: (sessionId: string) => seen()[sessionId] ?? seen()['*'] ?? '',
    /** Everything that happened before a moment counts as seen. */
    baseline(at: string) {
      if (!seen()['*']) mark('*', at)
    },
    mark,
  }
  function mark(sessionId: string, at: string) {
    if ((seen()[sessionId] ?? '') >= at) return
    const next = Object.fromEntries(
      Object.entries({ ...seen(), [sessionId]: at })
        .sort(([a, x], [b, y]) => (a === '*' ? -1 : b === '*' ? 1 : x < y ? 1 : -1))
        .slice(0, 400),
    )
    setSeen(next)
    writeSetting('seen', JSON.stringify(next))
  }
}

/** Forgets all of it. */
export function forgetSettings(): void {
  try {
    for (const name of Object.keys(localStorage))
      if (name.startsWith(PREFIX)) localStorage.removeItem(name)
  } catch {
    // There was nothing to forget.
  }
  setLookSignal('system')
}
