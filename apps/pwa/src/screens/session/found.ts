import { createSignal } from 'solid-js'

/** The row somebody was led to by a search, for as long as its session is open. */
const [foundKey, setFoundKey] = createSignal('')

export { setFoundKey }

export const isFound = (key: string): boolean => key !== '' && foundKey() === key
