import { type AgentAsk, askLine, askWords } from '@bellhop/core'
import BookOpen from 'lucide-solid/icons/book-open'
import Bot from 'lucide-solid/icons/bot'
import CornerDownRight from 'lucide-solid/icons/corner-down-right'
import KeyRound from 'lucide-solid/icons/key-round'
import ListChecks from 'lucide-solid/icons/list-checks'
import MessageCircleQuestionMark from 'lucide-solid/icons/message-circle-question-mark'
import { For, Match, Show, Switch } from 'solid-js'
import { CodeWords } from '../../ui/code-words.tsx'
import { cx } from '../../ui/cx.ts'
import { Decision, Entry, Ledger } from '../../ui/ledger.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import { Markdown } from '../../ui/markdown/markdown.tsx'
import { More } from '../../ui/more.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { HeldCommand } from '../prompts/held-command.tsx'
import { heldPast } from '../prompts/held-parts.ts'
import { decisionWords, readsWords } from './call-words.ts'
import type { AskedRow, Item, LedgerEntry, ToolRow } from './fold-rows.ts'
import { isFound } from './found.ts'
import { isOpen, setOpen } from './opened.ts'
import { RowView } from './row-view.tsx'
import { RunningGlyph, ToolEntry } from './tool-entry.tsx'

const CALLS_SHOWN = 2

/** A card of calls. */
export function LedgerView(props: { item: Extract<Item, { kind: 'ledger' }>; cwd: string | null }) {
  return (
    <Ledger label="Tool calls">
      <For each={props.item.entries}>{(entry) => <EntryView entry={entry} cwd={props.cwd} />}</For>
    </Ledger>
  )
}

function EntryView(props: { entry: LedgerEntry; cwd: string | null }) {
  const as = <Kind extends LedgerEntry['kind']>(kind: Kind) =>
    props.entry.kind === kind ? (props.entry as Extract<LedgerEntry, { kind: Kind }>) : undefined
  return (
    <Switch>
      <Match when={as('call')}>{(entry) => <ToolEntry row={entry().row} cwd={props.cwd} />}</Match>
      <Match when={as('reads')}>{(entry) => <ReadsEntry entry={entry()} cwd={props.cwd} />}</Match>
      <Match when={as('asked')}>{(entry) => <AskedEntry row={entry().row} />}</Match>
      <Match when={as('agent')}>{(entry) => <AgentEntry entry={entry()} cwd={props.cwd} />}</Match>
    </Switch>
  )
}

function ReadsEntry(props: { entry: Extract<LedgerEntry, { kind: 'reads' }>; cwd: string | null }) {
  const open = () => isOpen(props.entry.key, false)
  return (
    <Entry
      icon={BookOpen}
      what={readsWords(props.entry.rows)}
      open={open()}
      onToggle={(next) => setOpen(props.entry.key, next)}
    >
      <div class="nest-list">
        <For each={props.entry.rows}>{(row) => <ToolEntry row={row} cwd={props.cwd} />}</For>
      </div>
    </Entry>
  )
}

const ASK_ICONS = {
  tool: KeyRound,
  question: MessageCircleQuestionMark,
  plan: ListChecks,
  agent: Bot,
  unknown: KeyRound,
}

/** Something asked that no call in the transcript stands for: a question, a plan. */
function AskedEntry(props: { row: AskedRow }) {
  const open = () => isOpen(props.row.key, false)
  const held = () => (props.row.ask.kind === 'agent' ? props.row.ask : undefined)
  const plan = () => (props.row.ask.kind === 'plan' ? props.row.ask.plan : undefined)
  const questions = () => (props.row.ask.kind === 'question' ? props.row.ask.questions : [])
  return (
    <Entry
      icon={ASK_ICONS[props.row.ask.kind]}
      what={
        props.row.ask.kind === 'agent' ? (
          <HeldTitle ask={props.row.ask} />
        ) : props.row.ask.kind === 'plan' ? (
          askWords(props.row.ask).replace('Plan ready', 'Plan')
        ) : (
          <Show when={props.row.ask.kind === 'tool'} fallback={askLine(props.row.ask)}>
            {askWords(props.row.ask).replace(/\?$/, '')}{' '}
            <span class="mono machine clip-2">
              <MachineText text={askLine(props.row.ask)} />
            </span>
          </Show>
        )
      }
      found={isFound(props.row.key)}
      out={<Show when={props.row.open}>{<span class="entry-out">asks</span>}</Show>}
      open={open()}
      {...(props.row.ask.kind !== 'tool' && {
        onToggle: (next: boolean) => setOpen(props.row.key, next),
      })}
      after={
        <Show when={props.row.decision}>
          {(decision) => (
            <Decision icon={KeyRound}>
              <CodeWords text={decisionWords(decision())} />
            </Decision>
          )}
        </Show>
      }
    >
      <div class="asked-body">
        <Show when={held()}>{(ask) => <HeldCommand ask={ask()} around={{ isOver: true }} />}</Show>
        <Show when={plan()}>{(text) => <Markdown text={text()} />}</Show>
        <For each={questions()}>
          {(question) => (
            <>
              <b dir="auto">{question.question}</b>
              <ul>
                <For each={question.choices}>{(choice) => <li dir="auto">{choice.label}</li>}</For>
              </ul>
            </>
          )}
        </For>
      </div>
    </Entry>
  )
}

/** `desktop asked to send a message`; that it is an agent, its icon and the word say. */
function HeldTitle(props: { ask: AgentAsk }) {
  return (
    <>
      Agent{' '}
      <b>
        <bdi>
          <MachineText text={props.ask.agentName} />
        </bdi>
      </b>{' '}
      {heldPast(props.ask)}
    </>
  )
}

/** A subagent: the last calls it made, and all of them on request. */
function AgentEntry(props: { entry: Extract<LedgerEntry, { kind: 'agent' }>; cwd: string | null }) {
  const running = () => !props.entry.call || props.entry.call.state === 'running'
  const open = () => isOpen(props.entry.key, running())
  const all = () => isOpen(`${props.entry.key} all`, false)
  const calls = () => props.entry.rows.filter((row): row is ToolRow => row.kind === 'tool')
  const hidden = () => (all() ? 0 : Math.max(0, calls().length - CALLS_SHOWN))
  return (
    <Entry
      icon={CornerDownRight}
      flipIcon
      what={
        <>
          Subagent <b dir="auto">{props.entry.title}</b>
        </>
      }
      out={
        <Show when={!running()} fallback={<RunningGlyph />}>
          <StateGlyph small state={props.entry.call?.state === 'ok' ? 'done' : 'failed'} />
        </Show>
      }
      open={open()}
      found={isFound(props.entry.call?.key ?? '')}
      onToggle={(next) => setOpen(props.entry.key, next)}
    >
      <div class="nest">
        <Show when={hidden() > 0}>
          <More onClick={() => setOpen(`${props.entry.key} all`, true)}>
            {hidden() === 1 ? '1 earlier call' : `${hidden()} earlier calls`}
          </More>
        </Show>
        <Show
          when={all()}
          fallback={
            <For each={calls().slice(-CALLS_SHOWN)}>
              {(row) => <ToolEntry row={row} cwd={props.cwd} plain />}
            </For>
          }
        >
          <For each={props.entry.rows}>
            {(row) => (
              <Show
                when={row.kind === 'tool' ? row : undefined}
                fallback={
                  <div class={cx('nest-words', isFound(row.key) && 'found-line')}>
                    <RowView row={row} />
                  </div>
                }
              >
                {(call) => <ToolEntry row={call()} cwd={props.cwd} />}
              </Show>
            )}
          </For>
        </Show>
      </div>
    </Entry>
  )
}
