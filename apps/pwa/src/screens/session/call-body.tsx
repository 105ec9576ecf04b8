import { createMemo, createSignal, Match, Show, Switch } from 'solid-js'
import { shortPath } from '../../platform/paths.ts'
import { DiffView } from '../../ui/diff/diff-view.tsx'
import { Command } from '../../ui/machine-text.tsx'
import { OutputView } from '../../ui/output/output-view.tsx'
import { hunksOf } from './call-words.ts'
import type { ToolRow } from './fold-rows.ts'
import { isFound } from './found.ts'
import { FullOutput } from './full-output.tsx'

const DIFF_LINES = 60
const LINE_CHARS = 48

/** What a call was given and what came of it. */
export function CallBody(props: { row: ToolRow; cwd: string | null }) {
  const [wholeDiff, setWholeDiff] = createSignal(false)
  const [wholeOutput, setWholeOutput] = createSignal(false)
  const hunks = createMemo(() => hunksOf(props.row.tool, props.row.result?.diff))
  const tool = () => props.row.tool
  const input = () => {
    const shown = tool()
    if (shown.kind === 'shell')
      return shown.command.includes('\n') || shown.command.length > LINE_CHARS
        ? shown.command
        : undefined
    if (shown.kind === 'subagent' || shown.kind === 'fetch') return shown.prompt
    if (shown.kind === 'mcp' || shown.kind === 'other') return JSON.stringify(shown.input, null, 2)
    return undefined
  }
  const path = () => {
    const shown = tool()
    return 'path' in shown && shown.path ? shortPath(shown.path, props.cwd) : ''
  }
  const text = () => props.row.result?.text ?? ''
  /** What was found may stand anywhere in it. */
  const found = () => isFound(props.row.key)
  return (
    <>
      <Show when={input()}>{(shown) => <Command text={shown()} />}</Show>
      <Switch>
        <Match when={hunks().length > 0}>
          <DiffView
            path={path()}
            hunks={hunks()}
            {...(!wholeDiff() && !found() && { maxLines: DIFF_LINES })}
            onMore={() => setWholeDiff(true)}
          />
        </Match>
        <Match when={text() !== ''}>
          <OutputView
            text={text()}
            cutChars={props.row.result?.cutChars}
            whole={found()}
            onMore={() => setWholeOutput(true)}
          />
        </Match>
        <Match when={props.row.state === 'running' || props.row.state === 'asking'}>
          <p class="entry-words">Nothing has come of it yet.</p>
        </Match>
        <Match when={!input()}>
          <p class="entry-words">It printed nothing.</p>
        </Match>
      </Switch>
      <Show when={props.row.state === 'failed' && hunks().length > 0 && text()}>
        <OutputView text={text()} onMore={() => setWholeOutput(true)} />
      </Show>
      <Show when={wholeOutput()}>
        <FullOutput
          title={'command' in tool() ? (tool() as { command: string }).command : tool().name}
          text={text()}
          cutChars={props.row.result?.cutChars}
          onDismiss={() => setWholeOutput(false)}
        />
      </Show>
    </>
  )
}
