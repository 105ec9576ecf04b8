import type { ToolAsk } from '@bellhop/core'
import { createMemo, Match, Show, Switch } from 'solid-js'
import { homePath, shortPath } from '../../platform/paths.ts'
import { countChanges } from '../../ui/diff/diff-lines.ts'
import { ChangeCount, DiffView } from '../../ui/diff/diff-view.tsx'
import { Command } from '../../ui/machine-text.tsx'
import { hunksOf } from '../session/call-words.ts'
import { besideWords } from './beside-words.ts'

/** Exactly what would be done, whole. */
export function PermissionInput(props: { ask: ToolAsk; cwd: string | null }) {
  const tool = () => props.ask.tool
  const hunks = createMemo(() => hunksOf(tool()))
  const counts = createMemo(() => countChanges(hunks()))
  const path = () => {
    const shown = tool()
    return 'path' in shown && shown.path ? shortPath(shown.path, props.cwd) : ''
  }
  const text = () => {
    const shown = tool()
    switch (shown.kind) {
      case 'shell':
        return shown.command
      case 'read':
        return shown.path
      case 'search':
        return shown.pattern
      case 'fetch':
        return [shown.url, shown.prompt].filter(Boolean).join('\n\n')
      case 'web_search':
        return shown.query
      case 'subagent':
        return [shown.description, shown.prompt].filter(Boolean).join('\n\n')
      default:
        return JSON.stringify(props.ask.input, null, 2)
    }
  }
  return (
    <div>
      <Show when={besideWords(tool())}>
        {(words) => (
          <p class="label-row">
            {words()}
            <Show when={hunks().length > 0}>
              <ChangeCount added={counts().added} removed={counts().removed} />
            </Show>
          </p>
        )}
      </Show>
      <Switch fallback={<Command text={text()} where={where(tool(), props.cwd)} />}>
        <Match when={hunks().length > 0}>
          <DiffView path={path()} hunks={hunks()} named />
        </Match>
      </Switch>
    </div>
  )
}

const where = (tool: ToolAsk['tool'], cwd: string | null): string | undefined => {
  const folder = tool.kind === 'search' ? (tool.path ?? cwd) : tool.kind === 'shell' ? cwd : null
  return folder === null ? undefined : homePath(folder)
}
