import type { Session } from '@bellhop/core'
import { createEffect, createSignal, type JSX, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Actions, Button } from '../../ui/button.tsx'
import '../../ui/choice.css'
import { CodeWords } from '../../ui/code-words.tsx'
import { cx } from '../../ui/cx.ts'
import { type Option, Options } from '../../ui/options.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { titleOf } from '../sessions/arrange.ts'
import { useStory } from './session-context.ts'
import { changeOf, changeSetting } from './setting-changes.ts'

/** A step away from a session's facts, with the way back. */
export function DetailStep(props: {
  title: string
  onBack: () => void
  action?: JSX.Element
  children: JSX.Element
}) {
  return (
    <Sheet
      labelledBy="step-title"
      onDismiss={props.onBack}
      head={
        <h2 class="sheet-ask" id="step-title">
          {props.title}
        </h2>
      }
      foot={
        <Actions>
          <Button big onClick={() => props.onBack()}>
            Back
          </Button>
          {props.action}
        </Actions>
      }
    >
      {props.children}
    </Sheet>
  )
}

/** What a setting can be set to. */
export function SettingStep(props: {
  title: string
  options: readonly Option[]
  value: string | undefined
  onBack: () => void
  onChoose: (value: string, words: string) => void
}) {
  const choose = (value: string) => {
    if (value === props.value) return props.onBack()
    const words = props.options.find((one) => one.value === value)?.words ?? value
    props.onChoose(value, `Changing to ${words}`)
  }
  return (
    <DetailStep title={props.title} onBack={props.onBack}>
      <Options label={props.title} options={props.options} value={props.value} onChoose={choose} />
    </DetailStep>
  )
}

export function RenameStep(props: {
  title: string
  onBack: () => void
  onSave: (title: string) => void
}) {
  const [title, setTitle] = createSignal(props.title)
  const ready = () => title().trim() !== '' && title().trim() !== props.title
  const save = (event: Event) => {
    event.preventDefault()
    if (ready()) props.onSave(title().trim())
  }
  return (
    <DetailStep
      title="Change the title"
      onBack={props.onBack}
      action={
        <Button big kind="primary" type="submit" form="rename" disabled={!ready()}>
          Save
        </Button>
      }
    >
      <form id="rename" onSubmit={save}>
        <input
          class="input"
          aria-label="Title"
          dir="auto"
          maxlength="200"
          ref={(element) => queueMicrotask(() => element.focus())}
          value={title()}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </form>
    </DetailStep>
  )
}

/** Asks once before a session is ended, and stays until it is known what came of it. */
export function EndStep(props: { session: Session; onBack: () => void; onEnded: () => void }) {
  const app = useApp()
  const story = useStory()
  const [asked, setAsked] = createSignal(false)
  const outcome = () =>
    asked() ? changeOf(props.session.sessionId, 'archive', story, app.machine()) : undefined
  createEffect(() => {
    if (outcome()?.stage === 'done' || props.session.status === 'ended') props.onEnded()
  })
  const end = () => {
    void changeSetting(app, props.session.sessionId, { type: 'archive' }, 'Ending')
    setAsked(true)
  }
  return (
    <DetailStep
      title="End this session?"
      onBack={props.onBack}
      action={
        <Button big kind="primary" disabled={outcome()?.stage === 'busy'} onClick={end}>
          {outcome()?.stage === 'busy' ? 'Ending' : 'End session'}
        </Button>
      }
    >
      <p class="lede">
        {titleOf(props.session)} stops what it does and is put away. What was said in it can still
        be read here.
      </p>
      <Show when={outcome()?.stage !== 'busy' && outcome()}>
        {(known) => (
          <p class={cx('change', known().stage)} role="status">
            <CodeWords text={known().words} />
          </p>
        )}
      </Show>
    </DetailStep>
  )
}
