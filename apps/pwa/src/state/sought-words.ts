import { createSignal } from 'solid-js'

/** The words of the last hit that was followed, as they stand in the text. */
const [soughtWords, setSoughtWords] = createSignal<readonly string[]>([])

export { setSoughtWords, soughtWords }
