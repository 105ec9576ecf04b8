import { createSignal } from 'solid-js'

/** Which lines the person opened or closed by hand; it holds while the app runs, over redrawing and scrolling away. */
const [toggled, setToggled] = createSignal<ReadonlyMap<string, boolean>>(new Map())

export const isOpen = (key: string, otherwise: boolean): boolean => toggled().get(key) ?? otherwise

export const setOpen = (key: string, open: boolean): void => {
  setToggled(new Map(toggled()).set(key, open))
}
