import { type AgentAsk, askWords } from '@bellhop/core'
import Bot from 'lucide-solid/icons/bot'
import { createSignal, Match, Show, Switch } from 'solid-js'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Chip, Chips } from '../../ui/chip.tsx'
import { Icon } from '../../ui/icon.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { AskedWhole } from './asked-whole.tsx'
import { DecideFoot } from './decide-foot.tsx'
import { DenyNote } from './deny-note.tsx'
import { HeldCommand } from './held-command.tsx'
import { heldParts } from './held-parts.ts'
import { createAnswering, createSeenToEnd, From, type PromptProps } from './prompt-parts.tsx'

/** Another agent wants something of the session: who, that it is no person, all of what it wants, and the two buttons. */
export function AgentSheet(props: PromptProps) {
  const [noting, setNoting] = createSignal(false)
  return (
    <Switch fallback={<Ask {...props} onNote={() => setNoting(true)} />}>
      <Match when={noting()}>
        <DenyNote {...props} onBack={() => setNoting(false)} />
      </Match>
    </Switch>
  )
}

function Ask(props: PromptProps & { onNote: () => void }) {
  const app = useApp()
  const ask = () => props.wait.ask as AgentAsk
  const answering = createAnswering(() => props.wait.permissionId)
  const end = createSeenToEnd()
  /** The ask of the session that this would answer. */
  const asked = () => {
    const { permissionId, sessionId } = ask().command
    const target = app.sessions.get(String(sessionId)) ?? props.session
    return target.waits.find((wait) => wait.permissionId === permissionId)
  }
  const around = () => ({ asked: asked(), choices: props.session.choices })
  const give = (behavior: 'allow' | 'deny', words: string) =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      { type: 'decide_permission', decision: { behavior } },
      words,
    )
  const lasts = () => {
    const { expiresAt } = props.wait
    return expiresAt === undefined ? '' : `, until ${clock(Date.parse(expiresAt))}`
  }

  return (
    <Sheet
      docks
      asks={props.hindrance === undefined}
      labelledBy="agent-title"
      onDismiss={props.onAside}
      bodyRef={end.bodyRef}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="agent-title" dir="auto">
            <MachineText text={askWords(ask())} />
          </h2>
        </>
      }
      foot={
        <DecideFoot
          hindrance={props.hindrance}
          answering={answering}
          end={end}
          allowWords="Allow once"
          offer={heldParts(ask(), around()).careful ? 'careful' : 'plain'}
          fine={`Counts for exactly this, once${lasts()}.`}
          onAllow={() => give('allow', 'Allowing')}
          onDeny={() => give('deny', 'Denying')}
        />
      }
    >
      <p class="held-who">
        <Icon shape={Bot} />
        <span dir="auto">
          <b>
            <MachineText text={ask().agentName} />
          </b>{' '}
          is another agent, not a person. It asks you first.
        </span>
      </p>
      <Show when={asked()}>{(wait) => <AskedWhole wait={wait()} cwd={props.session.cwd} />}</Show>
      <HeldCommand ask={ask()} around={around()} />
      <div class="end-mark" ref={end.endRef} />
      <Show when={!props.hindrance}>
        <Chips>
          <Chip onClick={() => props.onNote()}>Deny with a note</Chip>
        </Chips>
      </Show>
    </Sheet>
  )
}
