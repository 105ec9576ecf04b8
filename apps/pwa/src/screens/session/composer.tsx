import { canBeAsked, ownStatus, type Session } from '@bellhop/core'
import ArrowUp from 'lucide-solid/icons/arrow-up'
import Eye from 'lucide-solid/icons/eye'
import { createEffect, createSignal, on, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { draftOf, setDraft } from '../../state/settings.ts'
import { Icon } from '../../ui/icon.tsx'
import { Strip } from '../../ui/strip.tsx'
import './composer.css'

/** Where words for a session are written. The draft stays on this phone until it is sent or emptied. */
export function Composer(props: {
  session: Session
  /** Text to put in front of the draft, as after "Edit" on a message that had not gone out. */
  put: { text: string } | undefined
  focus: number
}) {
  const app = useApp()
  let box!: HTMLTextAreaElement
  const [text, setText] = createSignal(draftOf(props.session.sessionId))
  const can = (capability: 'prompt' | 'prompt_as_peer') =>
    canBeAsked(props.session.capabilities, capability)
  const mayType = () =>
    app.may('drive') && props.session.status !== 'ended' && (can('prompt') || can('prompt_as_peer'))

  const change = (next: string) => {
    setText(next)
    setDraft(props.session.sessionId, next)
  }
  createEffect(
    on(
      () => props.put,
      (put) => {
        if (!put) return
        change([put.text, text()].filter(Boolean).join('\n'))
        box?.focus()
      },
    ),
  )
  createEffect(
    on(
      () => props.focus,
      (count) => count > 0 && box?.focus(),
    ),
  )

  const send = () => {
    const words = text().trim()
    if (!words) return
    app.outbox.write(props.session.sessionId, words)
    change('')
    box.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault()
      send()
    }
  }
  const placeholder = () => {
    if (!app.current()) return `Goes out when ${app.machine()} answers`
    if (props.session.offlineSince) return 'It gets it when it is back'
    return ownStatus(props.session) === 'working' ? 'Add to the queue' : 'Say what to do next'
  }
  return (
    <Show
      when={mayType()}
      fallback={
        <Strip icon={<Icon shape={Eye} />} text={whyNot(app.may('drive'), props.session)} />
      }
    >
      <Show when={!can('prompt')}>
        <p class="composer-note">Arrives as a message from another session.</p>
      </Show>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <textarea
          ref={box}
          rows="1"
          dir="auto"
          aria-label="Message"
          placeholder={placeholder()}
          value={text()}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="composer-send"
          aria-label="Send"
          disabled={text().trim() === ''}
          onPointerDown={(event) => event.preventDefault()}
        >
          <Icon shape={ArrowUp} />
        </button>
      </form>
    </Show>
  )
}

function whyNot(mayDrive: boolean, session: Session): string {
  if (!mayDrive) return 'This phone may watch, not type'
  if (session.status === 'ended') return 'This session has ended'
  return 'This session takes messages at the terminal only'
}
