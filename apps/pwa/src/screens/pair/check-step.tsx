import { createRelayClient, isRefusal, pairDevice, RelayUnreachable } from '@bellhop/core/client'
import { createSignal, Match, onCleanup, onMount, Show, Switch } from 'solid-js'
import { deviceWords } from '../../platform/install.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { makeDeviceKey } from '../../relay/device-key.ts'
import { useApp } from '../../state/app-state.ts'
import { Bar } from '../../ui/bar.tsx'
import { Actions, Button } from '../../ui/button.tsx'
import '../../ui/choice.css'
import { CodeWords } from '../../ui/code-words.tsx'
import { Section } from '../../ui/list.tsx'
import { Strip } from '../../ui/strip.tsx'
import { type PairingProblem, pairingProblem } from './pairing-problem.ts'
import type { Claim } from './read-code.ts'

/** Asks to be let in, shows the two digits to compare, and waits for the terminal. */
export function CheckStep(props: { claim: Claim; onAgain: (path?: string) => void }) {
  const app = useApp()
  const words = deviceWords(navigator)
  const [check, setCheck] = createSignal('')
  const [problem, setProblem] = createSignal<PairingProblem>()
  const [name, setName] = createSignal(words.name)
  const control = new AbortController()
  useTopColour(() => 'canvas')
  onCleanup(() => control.abort())

  const pair = async () => {
    setProblem(undefined)
    setCheck('')
    try {
      const { key, kept } = await makeDeviceKey()
      const client = createRelayClient({ origin: location.origin, key })
      const { secret, relayKeyId } = props.claim
      const claim = { secret, relayKeyId, deviceName: words.name, platform: words.platform }
      const paired = await pairDevice(client, claim, { onCheck: setCheck, signal: control.signal })
      const chosen = name().trim() || words.name
      void navigator.storage?.persist?.()
      await app.paired(
        {
          deviceId: paired.deviceId,
          name: chosen,
          machine: paired.machine,
          scopes: paired.scopes,
          pairedAt: new Date().toISOString(),
          kept,
        },
        key,
      )
      if (chosen !== words.name) await client.call('renameSelf', { name: chosen }).catch(() => {})
    } catch (error) {
      if (control.signal.aborted) return
      const code = isRefusal(error) ? error.code : undefined
      setProblem(pairingProblem(code, error instanceof RelayUnreachable))
    }
  }
  onMount(() => void pair())

  return (
    <>
      <Bar>
        <Button kind="link" class="pair-cancel" onClick={() => props.onAgain()}>
          Cancel
        </Button>
      </Bar>
      <main class="scroller pair-page">
        <Switch fallback={<Asking />}>
          <Match when={problem()}>
            <h1 class="page-title" tabindex="-1">
              Not paired
            </h1>
            <p class="lede" role="alert">
              <CodeWords text={problem()?.words ?? ''} />
            </p>
          </Match>
          <Match when={check()}>
            <h1 class="page-title" tabindex="-1">
              Does the terminal show this too?
            </h1>
            <p class="pair-number" role="img" aria-label={check().split('').join(' ')}>
              {check()}
            </p>
            <p class="lede">
              If it does, answer <code>y</code> there. If it shows anything else, someone is between
              you and the relay: cancel.
            </p>
            <Section title="This phone will be called">
              <input
                class="input"
                aria-label="Name of this phone"
                maxlength="60"
                value={name()}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </Section>
          </Match>
        </Switch>
      </main>
      <Show
        when={problem()}
        fallback={
          <footer class="foot">
            <Strip
              working
              text={check() ? 'Waiting for your yes in the terminal' : 'Asking the relay'}
            />
          </footer>
        }
      >
        <footer class="pair-foot">
          <Show when={problem()?.sameCode}>
            <Button kind="primary" big onClick={() => void pair()}>
              Try again
            </Button>
          </Show>
          <Actions>
            <Button big onClick={() => props.onAgain('#/pair/code')}>
              Type a code
            </Button>
            <Button
              big
              {...(!problem()?.sameCode && { kind: 'primary' as const })}
              onClick={() => props.onAgain('#/pair/scan')}
            >
              Scan a code
            </Button>
          </Actions>
        </footer>
      </Show>
    </>
  )
}

function Asking() {
  return (
    <h1 class="page-title" tabindex="-1">
      One moment
    </h1>
  )
}
