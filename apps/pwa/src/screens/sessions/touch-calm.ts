import { createSignal, onCleanup } from 'solid-js'

const CALM_AFTER_MS = 600

/** True while a finger is down and shortly after, when nothing may move to where it was aimed. */
export function createTouching(): () => boolean {
  const [touching, setTouching] = createSignal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  const down = () => {
    clearTimeout(timer)
    setTouching(true)
  }
  const up = () => {
    clearTimeout(timer)
    timer = setTimeout(() => setTouching(false), CALM_AFTER_MS)
  }
  addEventListener('pointerdown', down)
  addEventListener('pointerup', up)
  addEventListener('pointercancel', up)
  onCleanup(() => {
    clearTimeout(timer)
    removeEventListener('pointerdown', down)
    removeEventListener('pointerup', up)
    removeEventListener('pointercancel', up)
  })
  return touching
}
