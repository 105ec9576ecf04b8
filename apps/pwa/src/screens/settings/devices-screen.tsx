import type { Device } from '@bellhop/core'
import AppWindow from 'lucide-solid/icons/app-window'
import Bot from 'lucide-solid/icons/bot'
import Smartphone from 'lucide-solid/icons/smartphone'
import { createSignal, For, onMount, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { ago } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { Actions, Button } from '../../ui/button.tsx'
import { Cell, CellButton, List, Section } from '../../ui/list.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { mayWords } from '../may-words.ts'
import './settings.css'

const REMOVING = 'Removing takes effect at once: open streams are cut and the key is worth nothing.'

/** Every paired device, for one that may manage them. */
export function DevicesScreen() {
  const app = useApp()
  const [devices, setDevices] = createSignal<readonly Device[]>()
  const [chosen, setChosen] = createSignal<Device>()
  const [problem, setProblem] = createSignal('')
  useTopColour(() => 'canvas')

  const read = async () => {
    try {
      setDevices((await app.client().call('devices', null)).devices)
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The devices could not be read.')
    }
  }
  onMount(() => void read())
  const people = () => devices()?.filter(({ agent }) => !agent) ?? []
  const agents = () => devices()?.filter(({ agent }) => agent) ?? []
  const revoke = async (device: Device) => {
    setChosen(undefined)
    try {
      await app.client().call('revoke', { deviceId: device.deviceId })
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It was not removed.')
      return
    }
    await read()
  }
  return (
    <>
      <Bar>
        <Back href="#/settings" label="Settings" />
      </Bar>
      <main class="scroller page settings">
        <h1 class="page-title" tabindex="-1">
          Devices
        </h1>
        <Show
          when={devices()}
          fallback={
            <Section>
              <p class="hint">{problem() || `Asking ${app.machine()}`}</p>
            </Section>
          }
        >
          <DeviceSection
            title="Phones and browsers"
            devices={people()}
            onChoose={setChosen}
            isLast={agents().length === 0}
          />
          <DeviceSection
            title="Other agents, over MCP"
            devices={agents()}
            onChoose={setChosen}
            isLast
          />
          <Show when={problem()}>
            <span class="outcome bad" role="alert">
              {problem()}
            </span>
          </Show>
        </Show>
      </main>
      <Show when={chosen()}>
        {(device) => (
          <Sheet
            labelledBy="revoke-title"
            onDismiss={() => setChosen(undefined)}
            head={
              <h2 class="sheet-ask" id="revoke-title">
                Remove “{device().name}”?
              </h2>
            }
            foot={
              <Actions>
                <Button big onClick={() => setChosen(undefined)}>
                  Keep it
                </Button>
                <Button big kind="primary" onClick={() => revoke(device())}>
                  Remove
                </Button>
              </Actions>
            }
          >
            <p class="lede">
              <Show
                when={device().agent}
                fallback="It stops receiving at once and has to be paired again to come back."
              >
                It is cut off at once, and what it asked for and nobody has allowed is not done. To
                come back it has to be let in again, with <code>bellhop mcp add</code>.
              </Show>
            </p>
          </Sheet>
        )}
      </Show>
    </>
  )
}

function DeviceSection(props: {
  title: string
  devices: readonly Device[]
  onChoose: (device: Device) => void
  isLast: boolean
}) {
  return (
    <Show when={props.devices.length > 0}>
      <Section title={props.title} note={props.isLast && REMOVING}>
        <List>
          <For each={props.devices}>
            {(device) => <DeviceCell device={device} onChoose={props.onChoose} />}
          </For>
        </List>
      </Section>
    </Show>
  )
}

function DeviceCell(props: { device: Device; onChoose: (device: Device) => void }) {
  const icon = () => {
    if (props.device.agent) return Bot
    return /iPhone|iPad|Android|Pixel/.test(props.device.platform) ? Smartphone : AppWindow
  }
  const seen = () =>
    props.device.lastSeenAt ? ago(Date.parse(props.device.lastSeenAt), now()) : 'never seen'
  const note = () => {
    const { agent, platform, scopes } = props.device
    const may = `May ${mayWords(scopes)}`
    if (!agent) return `${platform}. ${may}`
    return agent.asksFirst ? `${may}. Asks you first` : may
  }
  return (
    <Show
      when={!props.device.current}
      fallback={
        <Cell icon={icon()} title={props.device.name} note={`This one. ${note()}`} value={seen()} />
      }
    >
      <CellButton
        icon={icon()}
        title={props.device.name}
        note={note()}
        value={seen()}
        onClick={() => props.onChoose(props.device)}
      />
    </Show>
  )
}
