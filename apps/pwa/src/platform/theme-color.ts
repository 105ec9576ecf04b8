import { createEffect, onCleanup } from 'solid-js'
import { look } from '../state/settings.ts'

export type TopColour = 'canvas' | 'waiting-field' | 'fill' | 'surface' | 'camera'

/** Paints the system's bar at the top in the colour the screen has there. */
export function useTopColour(colour: () => TopColour): void {
  const metas = document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const paint = () => {
    const probe = document.createElement('i')
    probe.style.color = `var(--${colour()})`
    document.body.append(probe)
    const value = getComputedStyle(probe).color
    probe.remove()
    for (const meta of metas) {
      meta.removeAttribute('media')
      meta.content = value
    }
  }
  createEffect(() => {
    look()
    paint()
  })
  dark.addEventListener('change', paint)
  onCleanup(() => dark.removeEventListener('change', paint))
}
