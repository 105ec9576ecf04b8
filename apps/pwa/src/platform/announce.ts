import { createSignal } from 'solid-js'

const [polite, setPolite] = createSignal('')
const [urgent, setUrgent] = createSignal('')

export { polite, urgent }

/** Says something to people who listen instead of looking; `now` interrupts, for a new question only. */
export function announce(text: string, now = false): void {
  const set = now ? setUrgent : setPolite
  set('')
  queueMicrotask(() => set(text))
}
