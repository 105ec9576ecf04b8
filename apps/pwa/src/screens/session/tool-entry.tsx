import type { ToolDetail } from '@bellhop/core'
import CornerDownRight from 'lucide-solid/icons/corner-down-right'
import FileText from 'lucide-solid/icons/file-text'
import Globe from 'lucide-solid/icons/globe'
import KeyRound from 'lucide-solid/icons/key-round'
import Pencil from 'lucide-solid/icons/pencil'
import Plug from 'lucide-solid/icons/plug'
import Search from 'lucide-solid/icons/search'
import Terminal from 'lucide-solid/icons/terminal'
import Wrench from 'lucide-solid/icons/wrench'
import { createMemo, Match, Show, Switch } from 'solid-js'
import { took } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { CodeWords } from '../../ui/code-words.tsx'
import { countChanges } from '../../ui/diff/diff-lines.ts'
import { ChangeCount } from '../../ui/diff/diff-view.tsx'
import type { IconShape } from '../../ui/icon.tsx'
import { Decision, Entry } from '../../ui/ledger.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { CallBody } from './call-body.tsx'
import { decisionWords, hunksOf, isOpenAtFirst, textOf, verbOf } from './call-words.ts'
import type { ToolRow } from './fold-rows.ts'
import { isFound } from './found.ts'
import { isOpen, setOpen } from './opened.ts'

const TOOL_ICONS: Record<ToolDetail['kind'], IconShape> = {
  shell: Terminal,
  edit: Pencil,
  write: FileText,
  read: FileText,
  search: Search,
  fetch: Globe,
  web_search: Globe,
  subagent: CornerDownRight,
  mcp: Plug,
  other: Wrench,
}

/** One tool call as a line of the ledger, with all it had to say behind it. */
export function ToolEntry(props: { row: ToolRow; cwd: string | null; plain?: boolean }) {
  const open = () => isOpen(props.row.key, isOpenAtFirst(props.row))
  return (
    <Entry
      icon={TOOL_ICONS[props.row.tool.kind]}
      what={<CallWords tool={props.row.tool} cwd={props.cwd} />}
      out={<CallOutcome row={props.row} />}
      open={open() && !props.plain}
      found={isFound(props.row.key)}
      {...(!props.plain && { onToggle: (next: boolean) => setOpen(props.row.key, next) })}
      after={
        <Show when={props.row.decision}>
          {(decision) => (
            <Decision icon={KeyRound}>
              <CodeWords text={decisionWords(decision(), props.row.result?.durationMs)} />
            </Decision>
          )}
        </Show>
      }
    >
      <CallBody row={props.row} cwd={props.cwd} />
    </Entry>
  )
}

function CallWords(props: { tool: ToolDetail; cwd: string | null }) {
  return (
    <>
      <Show when={verbOf(props.tool)}>{(verb) => <>{verb()} </>}</Show>
      <span class="mono machine clip-2">{textOf(props.tool, props.cwd)}</span>
    </>
  )
}

/** Something runs, as far as is known. */
export function RunningGlyph() {
  const app = useApp()
  return <StateGlyph state={app.current() ? 'working' : 'unknown'} small />
}

const WORTH_SAYING_MS = 1_000

const longDuration = (row: ToolRow) => {
  const durationMs = row.result?.durationMs ?? 0
  return durationMs >= WORTH_SAYING_MS && durationMs
}

function CallOutcome(props: { row: ToolRow }) {
  const counts = createMemo(() =>
    props.row.tool.kind === 'edit' || props.row.tool.kind === 'write'
      ? countChanges(hunksOf(props.row.tool, props.row.result?.diff))
      : undefined,
  )
  return (
    <Switch>
      <Match when={props.row.state === 'running'}>
        <RunningGlyph />
      </Match>
      <Match when={props.row.state === 'asking'}>
        <span class="entry-out">asks</span>
      </Match>
      <Match when={props.row.state === 'failed'}>
        <span class="entry-out bad">failed</span>
      </Match>
      <Match when={props.row.state === 'denied'}>
        <span class="entry-out">denied</span>
      </Match>
      <Match when={props.row.state === 'interrupted'}>
        <span class="entry-out">stopped</span>
      </Match>
      <Match when={counts()}>
        {(known) => <ChangeCount added={known().added} removed={known().removed} />}
      </Match>
      <Match when={props.row.tool.kind === 'shell' && longDuration(props.row)}>
        {(durationMs) => <span class="entry-out">{took(durationMs())}</span>}
      </Match>
    </Switch>
  )
}
