import Copy from 'lucide-solid/icons/copy'
import { createMemo, For, Show } from 'solid-js'
import { copyText } from '../../platform/clipboard.ts'
import { Icon } from '../icon.tsx'
import './code.css'
import { codeLines } from './highlight.ts'
import type { SpanLine } from './spans.ts'

/** Code in a card that scrolls sideways, with its language and a way to copy it. */
export function CodeBlock(props: { text: string; language?: string | undefined }) {
  const lines = createMemo(() => codeLines(props.text, props.language))
  return (
    <div class="code">
      <Show when={props.language}>
        <div class="code-head">
          <span>{props.language}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Copy code"
            onClick={() => copyText(props.text)}
          >
            <Icon shape={Copy} size="small" />
          </button>
        </div>
      </Show>
      <pre class="machine" tabindex="0">
        <CodeSpans lines={lines()} />
      </pre>
    </div>
  )
}

function CodeSpans(props: { lines: readonly SpanLine[] }) {
  return (
    <For each={props.lines}>
      {(line, at) => (
        <>
          {at() > 0 ? '\n' : ''}
          <For each={line}>
            {(span) => (
              <Show when={span.kind} fallback={span.text}>
                <span class={`c-${span.kind}`}>{span.text}</span>
              </Show>
            )}
          </For>
        </>
      )}
    </For>
  )
}
