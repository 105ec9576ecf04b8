import { createComputed, createEffect, on } from 'solid-js'

const DURATION_MS = 220
const EASING = 'cubic-bezier(0.2, 0, 0, 1)'

/**
 * Lets what changes its place in a list go there instead of jumping. Everything with `data-glide` inside the root is
 * followed by that name, measured from the nearest `data-glide-frame` around it. Only what can be seen moves, nothing
 * does for people who asked for less motion, and what moves stands still while a finger is down.
 */
export function createGlide(options: {
  root: () => HTMLElement | undefined
  /** Changes whenever something may have moved. */
  order: () => unknown
  touching: () => boolean
}): void {
  const reduced = matchMedia('(prefers-reduced-motion: reduce)')
  const running = new Set<Animation>()
  let before = new Map<string, number>()

  const measure = () => {
    const places = new Map<string, { element: HTMLElement; at: number }>()
    const root = options.root()
    if (!root || reduced.matches || document.visibilityState === 'hidden') return places
    for (const element of root.querySelectorAll<HTMLElement>('[data-glide]')) {
      const frame = element.parentElement?.closest('[data-glide-frame]') ?? root
      const at = element.getBoundingClientRect().top - frame.getBoundingClientRect().top
      places.set(element.dataset.glide ?? '', { element, at })
    }
    return places
  }

  // Runs before the screen is drawn anew, so these are the places of what is seen now.
  createComputed(
    on(options.order, () => {
      before = new Map([...measure()].map(([name, { at }]) => [name, at]))
    }),
  )
  createEffect(
    on(options.order, () => {
      for (const [name, { element, at }] of measure()) {
        const moved = (before.get(name) ?? at) - at
        if (Math.abs(moved) >= 1 && isInSight(element, moved)) play(element, moved)
      }
    }),
  )
  createEffect(() => {
    const still = options.touching()
    for (const animation of running) still ? animation.pause() : animation.play()
  })

  const play = (element: HTMLElement, moved: number) => {
    const animation = element.animate([{ translate: `0 ${moved}px` }, { translate: '0 0' }], {
      duration: DURATION_MS,
      easing: EASING,
    })
    running.add(animation)
    const over = () => running.delete(animation)
    animation.finished.then(over, over)
  }
}

/** Whether it was or will be on the screen. */
function isInSight(element: HTMLElement, moved: number): boolean {
  const { top, bottom } = element.getBoundingClientRect()
  return Math.min(top, top + moved) < innerHeight && Math.max(bottom, bottom + moved) > 0
}
