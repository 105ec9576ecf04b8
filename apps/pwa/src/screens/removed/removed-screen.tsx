import Smartphone from 'lucide-solid/icons/smartphone'
import { createSignal, For, onMount, Show } from 'solid-js'
import { copyText } from '../../platform/clipboard.ts'
import { go } from '../../platform/router.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Slip } from '../../ui/slip.tsx'
import './removed.css'

/** The relay no longer knows this phone: what was kept is erased, what was not sent is handed back. */
export function RemovedScreen() {
  const app = useApp()
  const name = app.pairing()?.name ?? 'This phone'
  const machine = app.machine()
  const unsent = app.outbox
    .entries()
    .filter(
      (entry) => entry.stage === 'kept' || entry.stage === 'refused' || entry.stage === 'sending',
    )
    .map((entry) => entry.command.text)
  const [erased, setErased] = createSignal(false)
  useTopColour(() => 'canvas')
  onMount(() => void app.erase().then(() => setErased(true)))
  const again = async () => {
    go('#/pair', true)
    await app.forget()
  }
  return (
    <>
      <main class="scroller removed">
        <Icon shape={Smartphone} class="removed-icon" />
        <h1 class="page-title" tabindex="-1">
          This phone was removed
        </h1>
        <p class="lede">
          The relay on {machine} no longer knows “{name}”.{' '}
          {erased()
            ? 'The transcripts kept on this phone are erased.'
            : 'Erasing what is kept on this phone.'}{' '}
          <Show when={unsent.length > 0}>
            {unsent.length === 1
              ? '1 message that had not gone out is below.'
              : `${unsent.length} messages that had not gone out are below.`}
          </Show>
        </p>
        <For each={unsent}>
          {(text) => (
            <Slip
              who="Not sent"
              text={text}
              mark={
                <Button kind="link" onClick={() => copyText(text)}>
                  Copy
                </Button>
              }
            />
          )}
        </For>
      </main>
      <footer class="removed-foot">
        <Button kind="primary" big onClick={again}>
          Pair again
        </Button>
        <p class="fine">
          Run <code>bellhop pair</code> on the computer and scan its code.
        </p>
      </footer>
    </>
  )
}
