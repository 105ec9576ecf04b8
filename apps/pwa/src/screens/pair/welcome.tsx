import Clipboard from 'lucide-solid/icons/clipboard'
import Keyboard from 'lucide-solid/icons/keyboard'
import { createSignal, Show } from 'solid-js'
import { pasteText } from '../../platform/clipboard.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { BellMark } from '../../ui/glyphs.tsx'
import { Icon } from '../../ui/icon.tsx'
import { type Claim, readCode } from './read-code.ts'

/** The first thing an unpaired phone sees: one thing to do next. */
export function Welcome(props: { onClaim: (claim: Claim) => void }) {
  const [problem, setProblem] = createSignal('')
  useTopColour(() => 'canvas')
  const paste = async () => {
    const text = await pasteText()
    if (!text) return setProblem('Nothing could be read from the clipboard. Type the code instead.')
    const read = readCode(text, location.origin)
    if (read.claim) props.onClaim(read.claim)
    else if (read.elsewhere)
      setProblem(
        'That code belongs to a relay at another address. Open that address in the browser.',
      )
    else setProblem('What was copied is not a pairing code.')
  }
  return (
    <>
      <main class="scroller pair-page">
        <BellMark class="pair-mark" />
        <h1 class="page-title" tabindex="-1">
          Pair this phone
        </h1>
        <p class="lede">
          Run <code>bellhop</code> on your computer. It shows a code for this phone to scan.
        </p>
        <Show when={!isSecureContext}>
          <p class="pair-problem" role="alert">
            This address is not secure, so the phone may neither keep a key nor ring. Start the
            relay with <code>--public-url</code> and an https address, then open that.
          </p>
        </Show>
        <Show when={problem()}>
          <p class="pair-problem" role="alert">
            {problem()}
          </p>
        </Show>
      </main>
      <footer class="pair-foot">
        <Button kind="primary" big href="#/pair/scan">
          Scan the code
        </Button>
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
        <p class="fine">
          No code there? Run <code>bellhop pair</code>.
        </p>
      </footer>
    </>
  )
}
