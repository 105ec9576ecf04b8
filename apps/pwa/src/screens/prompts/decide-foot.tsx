import { Show } from 'solid-js'
import { useShortcuts } from '../../platform/shortcuts.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import type { createAnswering, createSeenToEnd } from './prompt-parts.tsx'

/** A key pressed for what stood here before must not answer what has just come. */
const SETTLED_MS = 600

/** Deny and Allow under what has been read to its end, by finger or by key; without them where it cannot be answered. */
export function DecideFoot(props: {
  hindrance: string | undefined
  answering: ReturnType<typeof createAnswering>
  end: ReturnType<typeof createSeenToEnd>
  allowWords: string
  /** How far Allow offers itself: `plain` is not preselected, `careful` has no key either. */
  offer: 'primary' | 'plain' | 'careful'
  fine: string
  onAllow: () => void
  onDeny: () => void
}) {
  const busy = () => props.answering.busy()
  const shownMs = performance.now()
  const byKey = (answer: () => void) => () => {
    const settled = performance.now() - shownMs >= SETTLED_MS
    if (settled && !props.hindrance && !busy()) answer()
  }
  useShortcuts({
    'alt+a': byKey(() => props.end.seen() && props.offer !== 'careful' && props.onAllow()),
    'alt+d': byKey(() => props.onDeny()),
  })
  return (
    <>
      <Show when={props.answering.line()}>
        {(line) => (
          <p class={cx('prompt-line', props.answering.failed() && 'bad')} role="status">
            {line()}
          </p>
        )}
      </Show>
      <Show
        when={props.hindrance}
        fallback={
          <>
            <Actions>
              <Button
                big
                disabled={!!busy()}
                aria-keyshortcuts="Alt+D"
                onClick={() => props.onDeny()}
              >
                {busy() === 'Denying' ? 'Denying' : 'Deny'}
              </Button>
              <Show
                when={props.end.seen()}
                fallback={
                  <Button big onClick={props.end.readOn}>
                    Read to the end
                  </Button>
                }
              >
                <Button
                  big
                  disabled={!!busy()}
                  {...(props.offer === 'primary' && { kind: 'primary' as const })}
                  {...(props.offer !== 'careful' && { 'aria-keyshortcuts': 'Alt+A' })}
                  onClick={() => props.onAllow()}
                >
                  {busy() && busy() !== 'Denying' ? busy() : props.allowWords}
                </Button>
              </Show>
            </Actions>
            <p class="fine">{props.fine}</p>
          </>
        }
      >
        {(words) => <p class="prompt-line">{words()}</p>}
      </Show>
    </>
  )
}
