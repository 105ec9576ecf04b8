import { createMemo, For, Show } from 'solid-js'
import '../code/code.css'
import { cx } from '../cx.ts'
import { More } from '../more.tsx'
import { ansiLines } from './ansi-lines.ts'
import './output.css'

const SHOWN_LINES = 12

/** What a command printed: its last lines, and a way to all of them. */
export function OutputView(props: {
  text: string
  cutChars?: number | undefined
  whole?: boolean
  onMore?: () => void
}) {
  const lines = createMemo(() => ansiLines(props.text))
  const shown = () => (props.whole ? lines() : lines().slice(-SHOWN_LINES))
  return (
    <section class="code output" aria-label="Output">
      <Show when={props.cutChars && (props.whole || lines().length <= SHOWN_LINES)}>
        <p class="output-cut">
          {props.cutChars?.toLocaleString('en')} characters before this are not kept.
        </p>
      </Show>
      <pre class="wrap machine">
        <For each={shown()}>
          {(line, at) => (
            <>
              {at() > 0 ? '\n' : ''}
              <For each={line}>
                {(span) => (
                  <span
                    class={cx(
                      span.color && `ansi-${span.color}`,
                      span.bold && 'ansi-bold',
                      span.inverse && 'ansi-inverse',
                    )}
                    style={span.css ? { color: span.css } : undefined}
                  >
                    {span.text}
                  </span>
                )}
              </For>
            </>
          )}
        </For>
      </pre>
      <Show when={!props.whole && lines().length > SHOWN_LINES}>
        <More onClick={() => props.onMore?.()}>All {lines().length} lines</More>
      </Show>
    </section>
  )
}
