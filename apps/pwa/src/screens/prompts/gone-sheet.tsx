import type { Decision, OpenPermission, Session } from '@bellhop/core'
import Bot from 'lucide-solid/icons/bot'
import { createMemo, Show } from 'solid-js'
import { homePath } from '../../platform/paths.ts'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Command, MachineText } from '../../ui/machine-text.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import '../../ui/trail.css'
import { byWords, outcomeWords } from '../session/call-words.ts'
import { askedLine, titleOf } from '../sessions/arrange.ts'
import { HeldCommand } from './held-command.tsx'
import { heldPast } from './held-parts.ts'

/** An ask that is over: who settled it and how. Nothing here is brass, because nobody is needed. */
export function GoneSheet(props: {
  session: Session
  store: TranscriptStore
  permissionId: string
  wait: OpenPermission | undefined
  onClose: () => void
}) {
  const app = useApp()
  const tapped = () => app.answers.of(props.permissionId) !== undefined
  const row = createMemo(() =>
    props.store
      .transcript()
      .rows.find(
        (one) =>
          (one.kind === 'permission' && one.permissionId === props.permissionId) ||
          (one.kind === 'tool' && one.decision?.permissionId === props.permissionId),
      ),
  )
  const decision = (): Decision | undefined => {
    const found = row()
    return found && 'decision' in found ? found.decision : undefined
  }
  const ask = () => {
    const found = row()
    return props.wait?.ask ?? (found?.kind === 'permission' ? found.ask : undefined)
  }
  const ofAgent = () => {
    const known = ask()
    return known?.kind === 'agent' ? known : undefined
  }
  const asked = () => {
    const known = ask()
    if (known) return askedLine(known, props.session.cwd)
    const found = row()
    return found?.kind === 'tool' && 'command' in found.tool ? found.tool.command : undefined
  }
  const title = () => {
    const known = decision()
    if (!known) return 'No longer asked'
    if (known.outcome === 'withdrawn') return 'No longer asked'
    const by = byWords(known.by)
    return `Already ${outcomeWords(known).toLowerCase()}${by ? `, ${by}` : ''}`
  }
  return (
    <Sheet
      docks
      labelledBy="gone-title"
      onDismiss={props.onClose}
      head={
        <>
          <p class="sheet-from">
            <span class="clip">
              <Show when={props.session.project}>
                <span class="mono">{props.session.project}</span>
              </Show>
              <bdi>{titleOf(props.session)}</bdi>
            </span>
            <Show when={decision()}>{(known) => <time>{clock(Date.parse(known().at))}</time>}</Show>
          </p>
          <h2 class="sheet-ask" id="gone-title" role="status">
            {title()}
          </h2>
        </>
      }
      foot={
        <>
          <Actions>
            <Button big onClick={() => props.onClose()}>
              Close
            </Button>
          </Actions>
          <Show when={tapped()}>
            <p class="fine">What you tapped was not applied.</p>
          </Show>
        </>
      }
    >
      <Show
        when={ofAgent()}
        fallback={
          <Show when={asked()}>
            {(text) => (
              <Command
                text={text()}
                where={props.session.cwd ? homePath(props.session.cwd) : undefined}
              />
            )}
          </Show>
        }
      >
        {(held) => (
          <>
            <p class="held-who">
              <Icon shape={Bot} />
              <span>
                Agent{' '}
                <b dir="auto">
                  <MachineText text={held().agentName} />
                </b>{' '}
                {heldPast(held())}
              </span>
            </p>
            <HeldCommand ask={held()} around={{ isOver: true }} />
          </>
        )}
      </Show>
      <Show when={decision()}>
        {(known) => (
          <ol class="trail">
            <Show when={props.wait}>
              {(wait) => (
                <li>
                  <time>{clock(Date.parse(wait().askedAt), true)}</time>
                  <span>Asked</span>
                </li>
              )}
            </Show>
            <li>
              <time>{clock(Date.parse(known().at), true)}</time>
              <span>
                {[outcomeWords(known()), byWords(known().by)].filter(Boolean).join(' ')}
                <Show when={known().text}>
                  {(text) => (known().outcome === 'withdrawn' ? `. ${text()}` : ` “${text()}”`)}
                </Show>
              </span>
            </li>
          </ol>
        )}
      </Show>
    </Sheet>
  )
}
