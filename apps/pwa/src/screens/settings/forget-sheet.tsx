import { isRefusal } from '@bellhop/core/client'
import { createSignal, Show } from 'solid-js'
import { go } from '../../platform/router.ts'
import { useApp } from '../../state/app-state.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'

/** Asks once before this phone leaves the relay. */
export function ForgetSheet(props: { onDismiss: () => void }) {
  const app = useApp()
  const [busy, setBusy] = createSignal(false)
  const [unheard, setUnheard] = createSignal(false)
  const unsent = () => app.outbox.entries().filter((entry) => entry.stage === 'kept').length

  const leave = async () => {
    go('#/pair', true)
    await app.forget()
  }
  const remove = async () => {
    setBusy(true)
    try {
      await app.client().call('forgetSelf', null, { timeoutMs: 8_000 })
      await leave()
    } catch (error) {
      if (isRefusal(error, 'not_paired') || isRefusal(error, 'device_removed')) return leave()
      setBusy(false)
      setUnheard(true)
    }
  }
  return (
    <Sheet
      labelledBy="forget-title"
      onDismiss={props.onDismiss}
      head={
        <h2 class="sheet-ask" id="forget-title">
          Remove this phone?
        </h2>
      }
      foot={
        <Actions>
          <Button big onClick={() => props.onDismiss()}>
            Keep it
          </Button>
          <Button
            big
            kind="primary"
            disabled={busy()}
            onClick={() => (unheard() ? leave() : remove())}
          >
            {busy() ? 'Removing' : unheard() ? 'Erase here only' : 'Remove'}
          </Button>
        </Actions>
      }
    >
      <p class="lede">
        Its key, the transcripts and the drafts kept on it are erased. To come back, scan a new
        code.
      </p>
      <Show when={unsent() > 0}>
        <p class="lede">
          {unsent() === 1 ? '1 message has' : `${unsent()} messages have`} not gone out and will be
          lost.
        </p>
      </Show>
      <Show when={unheard()}>
        <p class="lede" role="alert">
          {app.machine()} does not answer, so it goes on listing this phone. Run{' '}
          <code>bellhop revoke</code> there, or erase only what is kept here.
        </p>
      </Show>
    </Sheet>
  )
}
