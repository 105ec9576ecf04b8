import { onCleanup } from 'solid-js'
import { wide } from './wide.ts'

/** A letter as it is typed; where Alt makes another sign of it, the one on its key. */
function letterOf(event: KeyboardEvent): string {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase()
  if (event.key === '/') return event.key
  return event.code.replace(/^Key/, '').toLowerCase()
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input, textarea, select'))

/**
 * Keys for as long as the part that calls this is on a wide screen: `j`, `/`, or `alt+a`. A plain letter does nothing
 * where something is typed or while something lies over the page, and holding a key down counts once.
 */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!wide() || event.repeat || event.isComposing || event.ctrlKey || event.metaKey) return
    if (!event.altKey && (isTyping(event.target) || document.querySelector('dialog:modal'))) return
    const run = keys[`${event.altKey ? 'alt+' : ''}${letterOf(event)}`]
    if (!run) return
    event.preventDefault()
    run()
  }
  addEventListener('keydown', onKeyDown)
  onCleanup(() => removeEventListener('keydown', onKeyDown))
}
