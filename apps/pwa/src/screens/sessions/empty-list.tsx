import ConciergeBell from 'lucide-solid/icons/concierge-bell'
import { createSignal, For, onCleanup, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import '../../ui/code/code.css'
import { BellMark } from '../../ui/glyphs.tsx'
import { CellLink, List, Section } from '../../ui/list.tsx'
import './empty-list.css'

const SKELETON_AFTER_MS = 300
const WIDTHS = [
  [68, 44, 57],
  [85, 61, 74],
  [59, 35, 48],
  [77, 51, 64],
]

/** Where sessions will stand; only once it takes long enough to wonder. */
export function Skeleton() {
  const [late, setLate] = createSignal(false)
  const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS)
  onCleanup(() => clearTimeout(timer))
  return (
    <Show when={late()}>
      <div class="skeleton" aria-hidden="true">
        <For each={WIDTHS}>
          {(widths) => (
            <div class="row">
              <i class="skeleton-dot" />
              <div>
                <For each={widths}>{(width) => <i style={{ 'inline-size': `${width}%` }} />}</For>
              </div>
            </div>
          )}
        </For>
      </div>
    </Show>
  )
}

/** What will fill the list, and what is worth doing before. */
export function FirstRun() {
  const app = useApp()
  return (
    <div class="page first-run">
      <BellMark class="big-mark" />
      <p class="lede">
        Sessions appear here by themselves. Run Claude Code in a terminal on {app.machine()} as you
        always do:
      </p>
      <div class="code">
        <pre class="machine">claude</pre>
      </div>
      <Section title="Before you walk away">
        <List>
          <CellLink
            icon={ConciergeBell}
            title="Let this phone ring"
            note="When a session needs you or stops"
            href="#/settings/notifications"
          />
        </List>
      </Section>
    </div>
  )
}
