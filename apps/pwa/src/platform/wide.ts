import { createSignal } from 'solid-js'

const query = matchMedia('(min-width: 700px)')
const [wide, setWide] = createSignal(query.matches)

/** Whether there is room for the list beside a session. */
export { wide }

query.addEventListener('change', () => setWide(query.matches))
