import type { LucideIcon } from 'lucide-solid'
import { Dynamic } from 'solid-js/web'
import { cx } from './cx.ts'
import './icon.css'

export type IconShape = LucideIcon

/** One of lucide's shapes at our sizes and stroke; decoration, so it is never read aloud. */
export function Icon(props: {
  shape: IconShape
  size?: 'small' | 'large'
  flip?: boolean
  class?: string
}) {
  const classes = () =>
    cx('icon', props.size && `icon-${props.size}`, props.flip && 'flip', props.class)
  return <Dynamic component={props.shape} class={classes()} aria-hidden="true" />
}
