import {
  askWords,
  canBeAsked,
  newCommandId,
  type OpenPermission,
  outOfReachSince,
  ownStatus,
  type Session,
} from '@bellhop/core'
import { isRefusal } from '@bellhop/core/client'
import { createEffect, createSignal, For, on, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { withoutFolder } from '../../platform/paths.ts'
import { clock, elapsed } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Disc } from '../../ui/disc.tsx'
import { StopGlyph } from '../../ui/glyphs.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import { Strip } from '../../ui/strip.tsx'
import { askedLine } from '../sessions/arrange.ts'
import { askLook } from '../sessions/ask-look.ts'
import { Composer } from './composer.tsx'

const STOP_LIFE_MS = 30_000

/** The lower edge of a session: what it waits for or does, Stop, and the composer. */
export function SessionFoot(props: {
  session: Session
  /** The asks that lie here until somebody takes them up. */
  aside: readonly OpenPermission[]
  onReview: (wait: OpenPermission) => void
  put: { text: string } | undefined
  focus: number
}) {
  return (
    <footer class="foot">
      <Show when={ownStatus(props.session) === 'working'}>
        <WorkingStrip session={props.session} />
      </Show>
      <For each={props.aside}>
        {(wait) => (
          <Ticket wait={wait} cwd={props.session.cwd} onReview={() => props.onReview(wait)} />
        )}
      </For>
      <Composer session={props.session} put={props.put} focus={props.focus} />
    </footer>
  )
}

function WorkingStrip(props: { session: Session }) {
  const app = useApp()
  const [stopping, setStopping] = createSignal(false)
  const [problem, setProblem] = createSignal('')
  createEffect(
    on(
      () => props.session.statusAt,
      () => setStopping(false),
    ),
  )

  const activity = () => app.sessions.activity(props.session.sessionId)
  const sinceMs = () => {
    const signal = activity()
    return Date.parse((signal && 'since' in signal && signal.since) || props.session.statusAt)
  }
  /** Whether what it does is known to go on this moment. */
  const known = () => app.current() && outOfReachSince(props.session) === undefined
  const canStop = () =>
    app.may('drive') && canBeAsked(props.session.capabilities, 'interrupt') && app.current()
  const text = () => {
    if (problem()) return problem()
    if (stopping()) return 'Stopping after this step'
    if (!app.current())
      return `Was working at ${clock(app.heardMs() ?? Date.parse(props.session.lastEventAt))}`
    const since = outOfReachSince(props.session)
    if (since) return `Was working at ${clock(Date.parse(since))}`
    const doing = activity()?.text
    if (doing) return withoutFolder(doing, props.session.cwd)
    return app.sessions.partial(props.session.sessionId) ? 'Writing' : 'Working'
  }
  const stop = async () => {
    setStopping(true)
    setProblem('')
    try {
      const receipt = await app.client().call('command', {
        type: 'interrupt',
        commandId: newCommandId(),
        sessionId: props.session.sessionId,
        expiresAt: new Date(app.relayNowMs() + STOP_LIFE_MS).toISOString(),
      })
      if (receipt.state === 'unconfirmed') setProblem('Stop: not confirmed. It may go on.')
      else if (receipt.state === 'refused') setProblem(receipt.text ?? 'It was not stopped.')
      else return
    } catch (error) {
      setProblem(
        isRefusal(error) ? error.message : `${app.machine()} did not answer. Nothing was stopped.`,
      )
    }
    setStopping(false)
  }
  return (
    <Strip
      working={known()}
      text={text()}
      {...(known() && !problem() && { since: elapsed(now() - sinceMs()) })}
    >
      <Show when={canStop() && !stopping()}>
        <Button kind="quiet" onClick={stop}>
          <StopGlyph />
          Stop
        </Button>
      </Show>
    </Strip>
  )
}

const askSentence = (ask: OpenPermission['ask']) => {
  const words = askWords(ask).replace(/\?$/, '')
  // An agent's name stays as it is.
  return ask.kind === 'agent' ? words : words.charAt(0).toLowerCase() + words.slice(1)
}

/** An ask that was put aside lies here until it is answered. */
function Ticket(props: { wait: OpenPermission; cwd: string | null; onReview: () => void }) {
  const app = useApp()
  const kind = () => props.wait.ask.kind
  return (
    <div class={cx('ticket', app.current() ? 'field' : 'field-stale')}>
      <Disc shape={askLook(props.wait.ask).shape} tone={app.current() ? 'on-field' : 'off'} />
      <div>
        <b class="clip">
          <MachineText
            text={
              app.current()
                ? askWords(props.wait.ask)
                : `Asked at ${clock(Date.parse(props.wait.askedAt))}: ${askSentence(props.wait.ask)}`
            }
          />
        </b>
        <Show
          when={app.current()}
          fallback={<small class="words">Answer once {app.machine()} is back</small>}
        >
          <small class={cx('clip', kind() === 'tool' && 'machine', kind() === 'agent' && 'words')}>
            <MachineText text={askedLine(props.wait.ask, props.cwd).slice(0, 300)} />
          </small>
        </Show>
      </div>
      <Button {...(app.current() && { kind: 'primary' as const })} onClick={() => props.onReview()}>
        {app.current() ? askLook(props.wait.ask).verb : 'Read'}
      </Button>
    </div>
  )
}
