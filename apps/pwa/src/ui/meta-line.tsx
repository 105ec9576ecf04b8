import GitBranch from 'lucide-solid/icons/git-branch'
import Laptop from 'lucide-solid/icons/laptop'
import { Show } from 'solid-js'
import { Icon } from './icon.tsx'
import './meta-line.css'

/** Where a session lives, in the machine's voice: project, branch, and the machine when there is more than one. */
export function MetaLine(props: {
  project?: string | undefined
  branch?: string | undefined
  machine?: string | undefined
}) {
  return (
    <p class="meta-line">
      <Show when={props.project}>
        <span>
          <bdi>{props.project}</bdi>
        </span>
      </Show>
      <Show when={props.branch}>
        <span>
          <Icon shape={GitBranch} />
          <bdi>{props.branch}</bdi>
        </span>
      </Show>
      <Show when={props.machine}>
        <span>
          <Icon shape={Laptop} />
          <bdi>{props.machine}</bdi>
        </span>
      </Show>
    </p>
  )
}
