import type { AgentAsk } from '@bellhop/core'
import { createMemo, For, Match, Show, Switch } from 'solid-js'
import { Command, MachineText } from '../../ui/machine-text.tsx'
import { type HeldAround, heldParts } from './held-parts.ts'
import './held-command.css'

/** Everything a command of an agent holds, each part in full. */
export function HeldCommand(props: { ask: AgentAsk; around?: HeldAround }) {
  const held = createMemo(() => heldParts(props.ask, props.around))
  return (
    <For each={held().parts}>
      {(part) => (
        <div class="held-part">
          <Show when={part.label}>
            {(label) => (
              <p class="label-row" dir="auto">
                <span>
                  <MachineText text={label()} />
                </span>
              </p>
            )}
          </Show>
          <Switch>
            <Match when={part.look === 'words'}>
              <p class="held-words" dir="auto">
                <MachineText text={part.text} />
              </p>
            </Match>
            <Match when={part.look === 'machine'}>
              <Command text={part.text} />
            </Match>
            <Match when={part.look === 'plain'}>
              <p>{part.text}</p>
            </Match>
          </Switch>
        </div>
      )}
    </For>
  )
}
