import { type Actor, ownStatus, type TranscriptRow } from '@bellhop/core'
import Ban from 'lucide-solid/icons/ban'
import ChevronDown from 'lucide-solid/icons/chevron-down'
import Info from 'lucide-solid/icons/info'
import OctagonAlert from 'lucide-solid/icons/octagon-alert'
import TriangleAlert from 'lucide-solid/icons/triangle-alert'
import { type JSX, Match, Show, Switch } from 'solid-js'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { wordsStage } from '../../state/command-stories.ts'
import { AgentName } from '../../ui/agent-name.tsx'
import { ThoughtGlyph } from '../../ui/glyphs.tsx'
import { Icon, type IconShape } from '../../ui/icon.tsx'
import { Entry, Ledger } from '../../ui/ledger.tsx'
import { Command } from '../../ui/machine-text.tsx'
import { Markdown } from '../../ui/markdown/markdown.tsx'
import { OutputView } from '../../ui/output/output-view.tsx'
import { ReceiptMark } from '../../ui/receipt.tsx'
import { Slip } from '../../ui/slip.tsx'
import { Tasks } from '../../ui/tasks.tsx'
import { endWords } from './call-words.ts'
import { isOpen, setOpen } from './opened.ts'
import { DOUBT_WORDS, STORED_WORDS } from './outgoing-slip.tsx'
import { OwnWords } from './own-words.tsx'
import './row-view.css'
import { useTranscript } from './session-context.ts'

const NOTE_CHARS = 160

/** A row that is not a call: words of either side, a task list, a turn of events. */
export function RowView(props: { row: TranscriptRow }) {
  const app = useApp()
  const as = <Kind extends TranscriptRow['kind']>(kind: Kind) =>
    props.row.kind === kind ? (props.row as Extract<TranscriptRow, { kind: Kind }>) : undefined
  return (
    <Switch>
      <Match when={as('agent')}>{(row) => <Markdown text={row().text} />}</Match>
      <Match when={as('person')}>{(row) => <PersonRow row={row()} />}</Match>
      <Match when={as('thinking')}>{(row) => <Thinking row={row()} />}</Match>
      <Match when={as('tasks')}>
        {(row) => <Tasks tasks={row().tasks} past={!app.current()} />}
      </Match>
      <Match when={as('note')}>{(row) => <Note row={row()} />}</Match>
      <Match when={as('turn')}>
        {(row) => (
          <Line
            icon={row().outcome === 'failed' ? OctagonAlert : Ban}
            bad={row().outcome === 'failed'}
          >
            {row().outcome === 'failed'
              ? `Stopped: ${row().error ?? 'no reason given'}`
              : 'Stopped here.'}
          </Line>
        )}
      </Match>
      <Match when={as('refused')}>
        {(row) => (
          <Line icon={TriangleAlert} bad>
            <Show when={agentOf(row().by)} fallback="Not done">
              {(name) => (
                <>
                  Not done for <AgentName name={name()} />
                </>
              )}
            </Show>
            : {row().text || 'no reason given'}
          </Line>
        )}
      </Match>
      <Match when={as('ended')}>{(row) => <Line icon={Info}>{endWords(row())}</Line>}</Match>
      <Match when={as('unknown')}>{(row) => <Unknown row={row()} />}</Match>
    </Switch>
  )
}

const agentOf = (by: Actor) => (by.kind === 'device' && by.agent ? by.name : undefined)

type PersonRowOf = Extract<TranscriptRow, { kind: 'person' }>

function PersonRow(props: { row: PersonRowOf }) {
  const who = (): JSX.Element => {
    const { agentName } = props.row
    if (agentName !== undefined) return <AgentName name={agentName} />
    if (props.row.from === 'peer') return 'From another session'
    return props.row.deviceName ? `You, on ${props.row.deviceName}` : 'You, at the terminal'
  }
  const at = () => clock(Date.parse(props.row.at))
  return (
    <Show
      when={props.row.causedBy}
      fallback={
        <Slip
          who={who()}
          {...(props.row.agentName !== undefined && { foreign: true })}
          text={props.row.text}
          mark={
            <Show when={props.row.deviceName} fallback={<span class="receipt">{at()}</span>}>
              <ReceiptMark stage="taken" at={at()} />
            </Show>
          }
        />
      }
    >
      {(commandId) => <Echoed row={props.row} who={who()} commandId={commandId()} at={at()} />}
    </Show>
  )
}

/** Words written on a device that stand in the transcript; that alone does not say that the session has them. */
function Echoed(props: { row: PersonRowOf; who: JSX.Element; commandId: string; at: string }) {
  const app = useApp()
  const store = useTranscript()
  const story = () => store.stories().get(props.commandId) ?? []
  const stage = () => wordsStage(story(), props.row.at)
  const works = () => {
    const session = app.sessions.get(store.sessionId)
    return stage() === 'processing' && app.current() && session && ownStatus(session) === 'working'
  }
  const doubt = () => story().find((step) => step.stage === 'unconfirmed')?.text ?? DOUBT_WORDS
  return (
    <OwnWords
      commandId={props.commandId}
      who={props.who}
      {...(props.row.agentName !== undefined && { foreign: true })}
      text={props.row.text}
      stage={stage()}
      at={works() ? `${props.at}, being worked on` : props.at}
      foot={
        <Show when={stage() === 'stored' || stage() === 'unconfirmed'}>
          <span>{stage() === 'stored' ? STORED_WORDS : doubt()}</span>
        </Show>
      }
    />
  )
}

function Thinking(props: { row: Extract<TranscriptRow, { kind: 'thinking' }> }) {
  const open = () => isOpen(props.row.key, false)
  return (
    <div class="thought">
      <button type="button" aria-expanded={open()} onClick={() => setOpen(props.row.key, !open())}>
        <ThoughtGlyph />
        Thought
        <Icon shape={ChevronDown} size="small" class="turn" />
      </button>
      <Show when={open()}>
        <Markdown text={props.row.text} />
      </Show>
    </div>
  )
}

function Note(props: { row: Extract<TranscriptRow, { kind: 'note' }> }) {
  const short = () => props.row.text.length <= NOTE_CHARS && !props.row.text.includes('\n')
  return (
    <Show
      when={short()}
      fallback={
        <Folded
          key={props.row.key}
          icon={props.row.tone === 'warning' ? TriangleAlert : Info}
          what={props.row.text.split('\n')[0]?.slice(0, 80) ?? ''}
        >
          <OutputView text={props.row.text} whole />
        </Folded>
      }
    >
      <Line icon={props.row.tone === 'warning' ? TriangleAlert : Info}>{props.row.text}</Line>
    </Show>
  )
}

function Unknown(props: { row: Extract<TranscriptRow, { kind: 'unknown' }> }) {
  return (
    <Folded
      key={props.row.key}
      icon={Info}
      what={
        <Show when={!props.row.title.includes(' ')} fallback={props.row.title}>
          Something new that this version does not know: <span class="mono">{props.row.title}</span>
        </Show>
      }
    >
      <Command text={props.row.raw || 'Nothing more was said.'} />
    </Folded>
  )
}

function Folded(props: { key: string; icon: IconShape; what: JSX.Element; children: JSX.Element }) {
  return (
    <Ledger label="Note">
      <Entry
        icon={props.icon}
        what={props.what}
        open={isOpen(props.key, false)}
        onToggle={(next) => setOpen(props.key, next)}
      >
        {props.children}
      </Entry>
    </Ledger>
  )
}

/** A remark between the words, in small. */
function Line(props: { icon: IconShape; bad?: boolean; children: JSX.Element }) {
  return (
    <p class="remark" classList={{ bad: props.bad ?? false }}>
      <Icon shape={props.icon} size="small" />
      <span dir="auto">{props.children}</span>
    </p>
  )
}
