import Clipboard from 'lucide-solid/icons/clipboard'
import Flashlight from 'lucide-solid/icons/flashlight'
import Keyboard from 'lucide-solid/icons/keyboard'
import X from 'lucide-solid/icons/x'
import { createSignal, onCleanup, onMount, Show } from 'solid-js'
import { pasteText } from '../../platform/clipboard.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { Bar } from '../../ui/bar.tsx'
import { Actions, Button, IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { createQrReader } from './qr-reader.ts'
import { type Claim, readCode } from './read-code.ts'
import './scan-step.css'

const FRAME_PAUSE_MS = 80

type TorchTrack = MediaStreamTrack & {
  applyConstraints(constraints: { advanced: { torch: boolean }[] }): Promise<void>
}

/** The camera, looking for the code in the terminal. */
export function ScanStep(props: { onClaim: (claim: Claim) => void }) {
  let video!: HTMLVideoElement
  const [problem, setProblem] = createSignal('')
  const [torch, setTorch] = createSignal<boolean>()
  let stream: MediaStream | undefined
  let over = false
  useTopColour(() => 'camera')

  const stop = () => {
    over = true
    for (const track of stream?.getTracks() ?? []) track.stop()
  }
  onCleanup(stop)

  const take = (text: string): boolean => {
    const read = readCode(text, location.origin)
    if (read.claim) {
      stop()
      props.onClaim(read.claim)
      return true
    }
    if (read.elsewhere)
      setProblem(
        'This code leads to a relay at another address. Scan it with the phone’s own camera app.',
      )
    return false
  }

  const look = async () => {
    try {
      const found = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
        audio: false,
      })
      stream = found
      if (over) return stop()
    } catch (error) {
      return setProblem(cameraProblem(error))
    }
    video.srcObject = stream
    await video.play().catch(() => {})
    const track = stream.getVideoTracks()[0] as TorchTrack | undefined
    if ((track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch) setTorch(false)
    const read = await createQrReader().catch(() => undefined)
    if (!read) return setProblem('The scanner could not be loaded. Type the code instead.')
    while (!over) {
      const text = await read(video).catch(() => undefined)
      if (!over && text && take(text)) return
      await new Promise((next) => setTimeout(next, FRAME_PAUSE_MS))
    }
  }
  onMount(() => void look())

  const toggleTorch = async () => {
    const track = stream?.getVideoTracks()[0] as TorchTrack | undefined
    const next = !torch()
    await track?.applyConstraints({ advanced: [{ torch: next }] }).then(
      () => setTorch(next),
      () => setTorch(undefined),
    )
  }
  const paste = async () => {
    const text = await pasteText()
    if (!text || !take(text)) setProblem('What was copied is not a pairing code.')
  }

  return (
    <div class="scan">
      <video ref={video} muted playsinline aria-label="Camera" />
      <div class="scan-finder" aria-hidden="true" />
      <Bar>
        <a class="icon-button" href="#/pair" aria-label="Close the camera">
          <Icon shape={X} size="large" />
        </a>
        <span class="grow" />
        <Show when={torch() !== undefined}>
          <IconButton label="Light" aria-pressed={torch() ?? false} onClick={toggleTorch}>
            <Icon shape={Flashlight} size="large" />
          </IconButton>
        </Show>
      </Bar>
      <span class="grow" />
      <footer class="scan-foot">
        <h1 tabindex="-1">Scan the code in your terminal</h1>
        <p role={problem() ? 'alert' : undefined}>
          {problem() || (
            <>
              No code there? Run <code>bellhop pair</code>.
            </>
          )}
        </p>
        <Actions>
          <Button href="#/pair/code">
            <Icon shape={Keyboard} />
            Type it
          </Button>
          <Button onClick={paste}>
            <Icon shape={Clipboard} />
            Paste it
          </Button>
        </Actions>
      </footer>
    </div>
  )
}

function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError')
    return 'The camera is not allowed here. Allow it in the browser’s settings, or type the code.'
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return 'There is no camera here. Type the code instead.'
  return 'The camera cannot be used here. Type the code instead.'
}
