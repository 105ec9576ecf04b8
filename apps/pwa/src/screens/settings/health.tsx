import Check from 'lucide-solid/icons/check'
import TriangleAlert from 'lucide-solid/icons/triangle-alert'
import type { SourceState } from '../../state/source-health.ts'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'

const HEALTH = {
  ok: { words: 'Connected', tone: 'ok', icon: Check },
  degraded: { words: 'Limited', tone: 'ill', icon: TriangleAlert },
  down: { words: 'Not connected', tone: 'ill', icon: TriangleAlert },
} as const

/** How a source is, in a word. */
export function Health(props: { state: SourceState['state']; words?: string | undefined }) {
  const known = () => HEALTH[props.state]
  return (
    <span class={cx('health', known().tone)}>
      <Icon shape={known().icon} />
      {props.words ?? known().words}
    </span>
  )
}
