import type { McpServer, SessionId } from '@bellhop/core'
import { isRefusal } from '@bellhop/core/client'
import { createSignal, For, Match, onMount, Show, Switch } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { Cell, List } from '../../ui/list.tsx'
import { DetailStep } from './detail-steps.tsx'

const TIMEOUT_MS = 40_000
const STATUS_WORDS: Readonly<Record<string, string>> = {
  connected: 'Connected',
  failed: 'Failed',
  'needs-auth': 'Needs a sign-in',
  pending: 'Connecting',
  disabled: 'Switched off',
}

/** Which MCP servers a session has and how they are, asked of it each time this is opened. */
export function McpStep(props: { sessionId: SessionId; onBack: () => void }) {
  const app = useApp()
  const [servers, setServers] = createSignal<readonly McpServer[]>()
  const [problem, setProblem] = createSignal<string>()
  const ask = async () => {
    setProblem(undefined)
    try {
      const { sessionId } = props
      const call = { timeoutMs: TIMEOUT_MS }
      setServers((await app.client().call('mcpServers', { sessionId }, call)).servers)
    } catch (error) {
      setProblem(isRefusal(error) ? error.message : `${app.machine()} did not answer.`)
    }
  }
  onMount(() => void ask())
  return (
    <DetailStep
      title="MCP servers"
      onBack={props.onBack}
      action={
        <Show when={problem()}>
          <Button big kind="primary" onClick={ask}>
            Ask again
          </Button>
        </Show>
      }
    >
      <Switch
        fallback={
          <p class="lede" role="status">
            Asking the session
          </p>
        }
      >
        <Match when={problem()}>
          {(words) => (
            <p class="lede" role="alert">
              <CodeWords text={words()} />
            </p>
          )}
        </Match>
        <Match when={servers()?.length === 0}>
          <p class="lede">This session has none.</p>
        </Match>
        <Match when={servers()}>
          {(known) => (
            <List>
              <For each={known()}>
                {(server) => (
                  <Cell
                    title={server.name}
                    note={server.detail}
                    value={STATUS_WORDS[server.status] ?? server.status}
                  />
                )}
              </For>
            </List>
          )}
        </Match>
      </Switch>
    </DetailStep>
  )
}
