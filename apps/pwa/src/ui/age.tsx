import { now } from '../platform/now.ts'
import { ago } from '../platform/times.ts'

/** When something was, in the fewest words, kept true while it is on screen. */
export function Age(props: { at: number; class?: string }) {
  return (
    <time class={props.class ?? 'age'} dateTime={new Date(props.at).toISOString()}>
      {ago(props.at, now())}
    </time>
  )
}
