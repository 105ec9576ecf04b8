import { PUSH_LEVELS, type PushLevel, type PushState } from '@bellhop/core'
import { createSignal, onMount, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { moment } from '../../platform/times.ts'
import {
  type PushHindrance,
  pushHindrance,
  setLevel,
  subscribe,
  unsubscribe,
} from '../../push/subscription.ts'
import { useApp } from '../../state/app-state.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Cell, CellSwitch, List, Section } from '../../ui/list.tsx'
import { Segments } from '../../ui/segments.tsx'
import './settings.css'

const HINDRANCES: Record<PushHindrance, string> = {
  'home-screen-first':
    'On iPhone only an app on the Home Screen may ring. Add Bellhop to it and pair it there.',
  'not-secure': 'This address is not https, and without it no browser lets an app ring.',
  'not-supported': 'This browser has no push notifications.',
  blocked:
    'Notifications are blocked for this app. Allow them in the settings of the phone, then come back.',
}
const LEVELS: Record<PushLevel, { words: string; note: string }> = {
  private: { words: 'Private', note: 'Says only that a session needs you.' },
  brief: { words: 'Brief', note: 'Names the project and what is asked, no commands.' },
  full: { words: 'Full', note: 'Shows the command or the question too, with secrets covered.' },
}
const OUTCOMES = {
  sent: 'Taken by the push service',
  gone: 'This phone had unsubscribed',
  failed: 'Not taken',
}

/** Whether this phone rings, why not if it cannot, and how the last ring went. */
export function NotificationsScreen() {
  const app = useApp()
  const [state, setState] = createSignal<PushState>()
  const [busy, setBusy] = createSignal(false)
  const [outcome, setOutcome] = createSignal<{ text: string; bad?: boolean }>()
  const [hindrance, setHindrance] = createSignal(pushHindrance())
  useTopColour(() => 'canvas')

  const run = async (step: () => Promise<PushState | undefined>) => {
    setBusy(true)
    setOutcome(undefined)
    try {
      const next = await step()
      if (next) setState(next)
    } catch (error) {
      setOutcome({ text: error instanceof Error ? error.message : 'It did not work.', bad: true })
    } finally {
      setHindrance(pushHindrance())
      setBusy(false)
    }
  }
  const read = () => app.client().call('pushState', null)
  onMount(() => void run(read))

  const toggle = (on: boolean) =>
    run(async () => {
      if (!on) return unsubscribe(app)
      const next = await subscribe(app)
      return next === 'denied' ? undefined : next
    })
  const test = () =>
    run(async () => {
      const sent = await app.client().call('pushTest', {})
      setOutcome({
        text: `${OUTCOMES[sent.outcome]}${sent.detail ? `: ${sent.detail}` : '.'}`,
        bad: sent.outcome !== 'sent',
      })
      return read()
    })
  const on = () => (state()?.subscribed ?? false) && !hindrance()

  return (
    <>
      <Bar>
        <Back href="#/settings" label="Settings" />
        <span class="grow" />
        <Show when={on()}>
          <Button kind="link" disabled={busy()} onClick={test}>
            Send a test
          </Button>
        </Show>
      </Bar>
      <main class="scroller page settings">
        <h1 class="page-title" tabindex="-1">
          Notifications
        </h1>
        <Section note={hindranceWords(hindrance())}>
          <List>
            <CellSwitch
              title="Ring this phone"
              note="When a session needs you, finishes or stops"
              on={on()}
              disabled={busy() || hindrance() !== undefined || !state()}
              onChange={toggle}
            />
          </List>
        </Section>
        <Show when={outcome()}>
          {(shown) => (
            <span class={cx('outcome', shown().bad && 'bad')} role="status">
              {shown().text}
            </span>
          )}
        </Show>
        <Show when={on() && state()}>
          {(known) => (
            <>
              <Section title="On the lock screen" note={LEVELS[known().level].note}>
                <span id="level-label" class="visually-hidden">
                  On the lock screen
                </span>
                <Segments
                  labelledBy="level-label"
                  choices={PUSH_LEVELS.map((value) => ({ value, words: LEVELS[value].words }))}
                  value={known().level}
                  onChange={(value) => void run(() => setLevel(app, value as PushLevel))}
                />
              </Section>
              <Section title="Last ring">
                <List>
                  <Show when={known().last} fallback={<Cell title="None yet" />}>
                    {(last) => (
                      <Cell
                        title={OUTCOMES[last().outcome]}
                        note={last().detail || undefined}
                        value={moment(Date.parse(last().at), now())}
                      />
                    )}
                  </Show>
                </List>
              </Section>
            </>
          )}
        </Show>
      </main>
    </>
  )
}

const hindranceWords = (hindrance: PushHindrance | undefined) => hindrance && HINDRANCES[hindrance]
