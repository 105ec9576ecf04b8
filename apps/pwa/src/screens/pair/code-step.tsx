import Clipboard from 'lucide-solid/icons/clipboard'
import { createSignal, For, Show } from 'solid-js'
import { pasteText } from '../../platform/clipboard.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { Actions, Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import './code-step.css'
import { type Claim, readCode } from './read-code.ts'

const LENGTH = 8
const clean = (text: string) =>
  text
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .slice(0, LENGTH)

/** Eight characters, typed. One real field lies over the boxes, so that every keyboard and reader can use it. */
export function CodeStep(props: { onClaim: (claim: Claim) => void }) {
  const [code, setCode] = createSignal('')
  const [problem, setProblem] = createSignal('')
  useTopColour(() => 'canvas')
  const take = (text: string) => {
    const read = readCode(text, location.origin)
    if (read.claim) props.onClaim(read.claim)
    return read
  }
  const pair = (event?: Event) => {
    event?.preventDefault()
    if (!take(code()).claim) setProblem('A code has eight letters and digits, none of them a U.')
  }
  const paste = async () => {
    const text = await pasteText()
    if (!text) return setProblem('Nothing could be read from the clipboard.')
    if (take(text).claim) return
    setCode(clean(text))
    setProblem('What was copied is not a pairing code.')
  }
  return (
    <>
      <Bar>
        <Back href="#/pair" label="Back" />
      </Bar>
      <main class="scroller pair-page">
        <h1 class="page-title" tabindex="-1">
          Type the code
        </h1>
        <p class="lede">It is under the QR code in the terminal. Capitals do not matter.</p>
        <form class="code-boxes" onSubmit={pair}>
          <input
            aria-label="Pairing code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            enterkeyhint="go"
            autofocus
            value={code()}
            onInput={(event) => {
              const next = clean(event.currentTarget.value)
              event.currentTarget.value = next
              setCode(next)
              setProblem('')
            }}
          />
          <For each={Array.from({ length: LENGTH }, (_, at) => at)}>
            {(at) => (
              <>
                <Show when={at === LENGTH / 2}>
                  <b aria-hidden="true" />
                </Show>
                <i
                  class={cx(at === Math.min(code().length, LENGTH - 1) && 'at')}
                  aria-hidden="true"
                >
                  {code()[at] ?? ''}
                </i>
              </>
            )}
          </For>
        </form>
        <p class="code-note">
          Good for one phone, for 5 minutes. After 5 wrong tries the terminal has to make a new one.
        </p>
        <Show when={problem()}>
          <p class="pair-problem" role="alert">
            {problem()}
          </p>
        </Show>
      </main>
      <footer class="pair-foot">
        <Actions>
          <Button onClick={paste}>
            <Icon shape={Clipboard} />
            Paste
          </Button>
          <Button kind="primary" disabled={code().length < LENGTH} onClick={pair}>
            Pair
          </Button>
        </Actions>
      </footer>
    </>
  )
}
