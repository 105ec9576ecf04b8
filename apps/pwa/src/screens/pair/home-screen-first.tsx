import Ellipsis from 'lucide-solid/icons/ellipsis'
import Share from 'lucide-solid/icons/share'
import SquarePlus from 'lucide-solid/icons/square-plus'
import { useTopColour } from '../../platform/theme-color.ts'
import { Button } from '../../ui/button.tsx'
import { BellMark } from '../../ui/glyphs.tsx'
import { Icon } from '../../ui/icon.tsx'
import '../../ui/list.css'
import './home-screen-first.css'

/**
 * An iPhone keeps what a tab knows from the app on its home screen, so pairing in the tab would spend the code for
 * nothing. Says how to get there, and spends nothing.
 */
export function HomeScreenFirst(props: { onAnyway: () => void }) {
  useTopColour(() => 'canvas')
  return (
    <main class="scroller pair-page">
      <BellMark class="pair-mark small" />
      <h1 class="page-title" tabindex="-1">
        First, put Bellhop on your Home Screen
      </h1>
      <p class="lede">
        On iPhone only an app on the Home Screen may ring. Your code is still unused: you scan it
        again in there.
      </p>
      <ol class="how-to">
        <li>
          <div>
            <b>Tap Share</b>
            <span>
              Not there? Tap <Icon shape={Ellipsis} size="small" class="inline" /> first.
            </span>
          </div>
          <i>
            <Icon shape={Share} size="large" />
          </i>
        </li>
        <li>
          <div>
            <b>Choose Add to Home Screen</b>
            <span>It may be under View More.</span>
          </div>
          <i>
            <Icon shape={SquarePlus} size="large" />
          </i>
        </li>
        <li>
          <div>
            <b>Leave Open as Web App on</b>
            <span>Then tap Add.</span>
          </div>
          <i class="wide" aria-hidden="true">
            <span class="switch on" />
          </i>
        </li>
        <li>
          <div>
            <b>Open Bellhop from there</b>
            <span>And scan the same code.</span>
          </div>
          <i class="app-icon">
            <BellMark />
          </i>
        </li>
      </ol>
      <div class="pair-centre">
        <Button kind="link" onClick={() => props.onAnyway()}>
          Use this tab anyway, without notifications
        </Button>
      </div>
    </main>
  )
}
