import type { Place } from '@bellhop/core'
import { isRefusal } from '@bellhop/core/client'
import { createMemo, createSignal, For, Match, onMount, Show, Switch } from 'solid-js'
import { sessionPath } from '../../platform/parse-route.ts'
import { go } from '../../platform/router.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { useApp } from '../../state/app-state.ts'
import { draftOf, setDraft } from '../../state/settings.ts'
import { Bar } from '../../ui/bar.tsx'
import { Actions, Button } from '../../ui/button.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { cx } from '../../ui/cx.ts'
import { cellsOf, type StartCell, StartCells } from './start-cells.tsx'
import {
  forgetWish,
  lastPlace,
  lastWay,
  rememberPlace,
  rememberWay,
  type StartWay,
  startIdFor,
} from './start-memory.ts'
import './start.css'
import { StartStep } from './start-step.tsx'

const DRAFT = 'new'
/** A machine in the cloud takes its time to begin. */
const TIMEOUT_MS = 60_000

/** A new session: what to do first, then where and how, as it was the last time there. */
export function StartScreen() {
  const app = useApp()
  const [text, setText] = createSignal(draftOf(DRAFT))
  const [placeId, setPlaceId] = createSignal(lastPlace())
  const [ways, setWays] = createSignal<Readonly<Record<string, StartWay>>>({})
  const [step, setStep] = createSignal<StartCell>()
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal('')
  let box: HTMLTextAreaElement | undefined
  useTopColour(() => 'canvas')
  onMount(() => {
    box?.focus()
    app.askPlaces().catch(() => {})
  })

  const place = createMemo(
    () => app.places().find((one) => one.placeId === placeId()) ?? app.places()[0],
  )
  const wayAt = ({ placeId: id }: Place): StartWay => ways()[id] ?? lastWay(id)
  const change = (there: Place, more: StartWay) => {
    const way = { ...wayAt(there), ...more }
    setWays({ ...ways(), [there.placeId]: way })
    rememberWay(there.placeId, way)
  }
  const write = (next: string) => {
    setText(next)
    setDraft(DRAFT, next)
  }
  const needsRepository = () => {
    const there = place()
    return there?.takesRepository && !wayAt(there).repository
  }

  const start = async (there: Place) => {
    setBusy(true)
    setProblem('')
    const wish = wishOf(there, wayAt(there), text().trim())
    try {
      const request = { ...wish, commandId: startIdFor(wish) }
      const { sessionId } = await app.client().call('start', request, { timeoutMs: TIMEOUT_MS })
      rememberPlace(there.placeId)
      forgetWish()
      setDraft(DRAFT, '')
      go(sessionPath(sessionId), true)
    } catch (error) {
      setProblem(
        isRefusal(error)
          ? error.message
          : `${app.machine()} did not answer, so it may have been started. Trying again starts it only once.`,
      )
    } finally {
      setBusy(false)
    }
  }

  const hindrance = () => {
    if (!app.may('drive')) return 'This phone may watch, not start sessions.'
    if (!app.current()) return `Starting needs a connection. Your words are kept.`
    if (!place()) return 'No place to start a session is known just now.'
    return undefined
  }
  return (
    <div class="start">
      <Bar>
        <Button kind="quiet" href="#/" class="start-cancel">
          Cancel
        </Button>
        <h1 class="bar-title" tabindex="-1">
          New session
        </h1>
        <span class="start-balance" />
      </Bar>
      <main class="scroller start-body">
        <textarea
          ref={(element) => {
            box = element
          }}
          class="start-words"
          dir="auto"
          aria-label="What to do"
          placeholder="What to do"
          value={text()}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </main>
      <footer class="foot start-foot">
        <Show when={place()}>
          {(there) => (
            <StartCells
              cells={cellsOf(there(), wayAt(there()), app.places().length > 1)}
              onOpen={setStep}
            />
          )}
        </Show>
        <Show when={hindrance() ?? problem()}>
          {(words) => (
            <p class={cx('start-line', !hindrance() && 'bad')} role="status">
              <CodeWords text={words()} />
            </p>
          )}
        </Show>
        <Show when={hindrance() === undefined && place()}>
          {(there) => (
            <Actions>
              <Switch>
                <Match when={needsRepository()}>
                  <Button big kind="primary" onClick={() => setStep('repository')}>
                    Choose a repository
                  </Button>
                </Match>
                <Match when={!needsRepository()}>
                  <Button
                    big
                    kind="primary"
                    disabled={busy() || text().trim() === ''}
                    onClick={() => void start(there())}
                  >
                    {busy() ? `Starting on ${there().title}` : `Start on ${there().title}`}
                  </Button>
                </Match>
              </Switch>
            </Actions>
          )}
        </Show>
      </footer>
      <For each={place() ? [step()].filter((one) => one !== undefined) : []}>
        {(open) => (
          <StartStep
            step={open}
            place={place() as Place}
            way={wayAt(place() as Place)}
            places={app.places()}
            onPlace={(id) => {
              setPlaceId(id)
              rememberPlace(id)
            }}
            onChange={(more) => change(place() as Place, more)}
            onClose={() => setStep(undefined)}
          />
        )}
      </For>
    </div>
  )
}

const wishOf = (place: Place, way: StartWay, text: string) => ({
  placeId: place.placeId,
  text,
  ...(place.takesRepository && way.repository && { repository: way.repository }),
  ...(place.takesRepository && way.branch && { branch: way.branch }),
  ...(has(place.choices.models, way.model) && { model: way.model }),
  ...(has(place.choices.permissionModes, way.permissionMode) && {
    permissionMode: way.permissionMode,
  }),
})

const has = (choices: readonly { value: string }[] | undefined, value: string | undefined) =>
  choices?.some((one) => one.value === value) ?? false
