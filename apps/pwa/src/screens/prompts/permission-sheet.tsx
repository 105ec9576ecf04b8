import { askWords, canBeAsked, roadOf, type ToolAsk } from '@bellhop/core'
import { createSignal, Match, Show, Switch } from 'solid-js'
import { useShortcuts } from '../../platform/shortcuts.ts'
import { useApp } from '../../state/app-state.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { Chip, Chips } from '../../ui/chip.tsx'
import { cx } from '../../ui/cx.ts'
import { Sheet } from '../../ui/sheet.tsx'
import { AlwaysAllow } from './always-allow.tsx'
import { DenyNote } from './deny-note.tsx'
import { EditInput } from './edit-input.tsx'
import { PermissionInput } from './permission-input.tsx'
import { createAnswering, createSeenToEnd, From, type PromptProps } from './prompt-parts.tsx'

/** A key pressed for what stood here before must not answer what has just come. */
const SETTLED_MS = 600

type View = 'ask' | 'edit' | 'always' | 'note'

/** The agent asks leave to do one thing: what kind of thing, exactly what, why, and the two buttons. */
export function PermissionSheet(props: PromptProps) {
  const [view, setView] = createSignal<View>('ask')
  const back = () => setView('ask')
  return (
    <Switch>
      <Match when={view() === 'ask'}>
        <Ask {...props} onView={setView} />
      </Match>
      <Match when={view() === 'edit'}>
        <EditInput {...props} onBack={back} />
      </Match>
      <Match when={view() === 'always'}>
        <AlwaysAllow {...props} onBack={back} />
      </Match>
      <Match when={view() === 'note'}>
        <DenyNote {...props} onBack={back} />
      </Match>
    </Switch>
  )
}

function Ask(props: PromptProps & { onView: (view: View) => void }) {
  const app = useApp()
  const ask = () => props.wait.ask as ToolAsk
  const answering = createAnswering(() => props.wait.permissionId)
  const end = createSeenToEnd()
  const can = (capability: 'edit_input' | 'always_allow') =>
    canBeAsked(roadOf(props.session, props.wait)?.capabilities ?? [], capability)
  const reason = () => {
    const { tool } = ask()
    return tool.kind === 'shell' ? tool.description : undefined
  }
  const give = (behavior: 'allow' | 'deny', words: string) =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      { type: 'decide_permission', decision: { behavior } },
      words,
    )

  const allow = () => give('allow', 'Allowing')
  const deny = () => give('deny', 'Denying')
  const shownMs = performance.now()
  const byKey = (answer: () => void) => () => {
    const settled = performance.now() - shownMs >= SETTLED_MS
    if (settled && !props.hindrance && !answering.busy()) answer()
  }
  const isCareful = () => ask().careful === true
  useShortcuts({
    'alt+a': byKey(() => end.seen() && !isCareful() && allow()),
    'alt+d': byKey(deny),
  })

  return (
    <Sheet
      docks
      asks={props.hindrance === undefined}
      labelledBy="ask-title"
      onDismiss={props.onAside}
      bodyRef={end.bodyRef}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="ask-title">
            {askWords(ask())}
          </h2>
        </>
      }
      foot={
        <>
          <Show when={answering.line()}>
            {(line) => (
              <p class={cx('prompt-line', answering.failed() && 'bad')} role="status">
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
                    disabled={!!answering.busy()}
                    aria-keyshortcuts="Alt+D"
                    onClick={deny}
                  >
                    {answering.busy() === 'Denying' ? 'Denying' : 'Deny'}
                  </Button>
                  <Show
                    when={end.seen()}
                    fallback={
                      <Button big onClick={end.readOn}>
                        Read to the end
                      </Button>
                    }
                  >
                    <Button
                      big
                      disabled={!!answering.busy()}
                      {...(!isCareful() && {
                        kind: 'primary' as const,
                        'aria-keyshortcuts': 'Alt+A',
                      })}
                      onClick={allow}
                    >
                      {answering.busy() && answering.busy() !== 'Denying'
                        ? answering.busy()
                        : 'Allow'}
                    </Button>
                  </Show>
                </Actions>
                <p class="fine">
                  {ask().tool.kind === 'shell'
                    ? 'Counts for exactly this command, once.'
                    : 'Counts for exactly this, once.'}
                </p>
              </>
            }
          >
            {(words) => <p class="prompt-line">{words()}</p>}
          </Show>
        </>
      }
    >
      <PermissionInput ask={ask()} cwd={props.session.cwd} />
      <div class="end-mark" ref={end.endRef} />
      <Show when={reason()}>
        {(words) => (
          <p class="said" dir="auto">
            <b>What the agent says it is for</b>
            {words()}
          </p>
        )}
      </Show>
      <Show when={!props.hindrance}>
        <Chips>
          <Show when={can('edit_input')}>
            <Chip onClick={() => props.onView('edit')}>Edit</Chip>
          </Show>
          <Show when={can('always_allow') && ask().suggestions.length > 0}>
            <Chip onClick={() => props.onView('always')}>Always allow</Chip>
          </Show>
          <Chip onClick={() => props.onView('note')}>Deny with a note</Chip>
        </Chips>
      </Show>
    </Sheet>
  )
}
