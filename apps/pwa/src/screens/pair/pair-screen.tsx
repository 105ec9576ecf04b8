import { createEffect, createSignal, lazy, Match, on, Suspense, Switch } from 'solid-js'
import { isAppleTab } from '../../platform/install.ts'
import { go, route } from '../../platform/router.ts'
import { setTabAnyway, tabAnyway } from '../../state/settings.ts'
import { CheckStep } from './check-step.tsx'
import { CodeStep } from './code-step.tsx'
import { HomeScreenFirst } from './home-screen-first.tsx'
import './pair.css'
import { type Claim, readCode } from './read-code.ts'
import { Welcome } from './welcome.tsx'

const ScanStep = lazy(() => import('./scan-step.tsx').then((m) => ({ default: m.ScanStep })))

/** The way in: a link, the camera, the clipboard or the keyboard; then the two digits; then the list. */
export function PairScreen() {
  const [claim, setClaim] = createSignal<Claim>()
  const [anyway, setAnyway] = createSignal(tabAnyway())
  const blocked = () => isAppleTab() && !anyway()

  /** An address scanned with the phone's own camera opens here with its code in the fragment. */
  const takeLink = () => {
    if (route().at !== 'pair-link' || blocked()) return
    const { claim } = readCode(location.href, location.origin)
    go('#/pair', true)
    if (claim) setClaim(claim)
  }
  createEffect(on(route, takeLink))
  const useAnyway = () => {
    setTabAnyway()
    setAnyway(true)
    takeLink()
  }
  const again = (path = '#/pair') => {
    setClaim(undefined)
    go(path, true)
  }

  return (
    <Suspense>
      <Switch fallback={<Welcome onClaim={setClaim} />}>
        <Match when={claim()} keyed>
          {(one) => <CheckStep claim={one} onAgain={again} />}
        </Match>
        <Match when={blocked()}>
          <HomeScreenFirst onAnyway={useAnyway} />
        </Match>
        <Match when={route().at === 'pair-scan'}>
          <ScanStep onClaim={setClaim} />
        </Match>
        <Match when={route().at === 'pair-code'}>
          <CodeStep onClaim={setClaim} />
        </Match>
      </Switch>
    </Suspense>
  )
}
