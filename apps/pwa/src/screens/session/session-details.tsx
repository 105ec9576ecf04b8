import type { Session } from '@bellhop/core'
import Clock from 'lucide-solid/icons/clock'
import Cpu from 'lucide-solid/icons/cpu'
import Folder from 'lucide-solid/icons/folder'
import KeyRound from 'lucide-solid/icons/key-round'
import Laptop from 'lucide-solid/icons/laptop'
import { Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { homePath } from '../../platform/paths.ts'
import { moment } from '../../platform/times.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { Cell, List } from '../../ui/list.tsx'
import { MetaLine } from '../../ui/meta-line.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { titleOf } from '../sessions/arrange.ts'

const MODES: Readonly<Record<string, string>> = {
  default: 'Ask first',
  acceptEdits: 'Accept edits',
  plan: 'Plan only',
  auto: 'Auto mode decides',
  dontAsk: 'Deny what is not allowed',
  bypassPermissions: 'Ask nothing',
}

/** The facts of a session. */
export function SessionDetails(props: { session: Session; onDismiss: () => void }) {
  return (
    <Sheet
      labelledBy="details-title"
      onDismiss={props.onDismiss}
      head={
        <>
          <h2 class="sheet-ask" id="details-title" dir="auto">
            {titleOf(props.session)}
          </h2>
          <MetaLine
            project={props.session.project ?? undefined}
            branch={props.session.branch ?? undefined}
          />
        </>
      }
      foot={
        <Actions>
          <Button big onClick={() => props.onDismiss()}>
            Close
          </Button>
        </Actions>
      }
    >
      <List>
        <Cell icon={Laptop} title="Machine" value={props.session.machine} />
        <Show when={props.session.cwd}>
          {(cwd) => <Cell icon={Folder} title="Folder" machineNote={homePath(cwd())} />}
        </Show>
        <Show when={props.session.permissionMode}>
          {(mode) => <Cell icon={KeyRound} title="Permissions" value={MODES[mode()] ?? mode()} />}
        </Show>
        <Show when={props.session.model}>
          {(model) => <Cell icon={Cpu} title="Model" value={model()} />}
        </Show>
        <Cell
          icon={Clock}
          title="Began"
          value={moment(Date.parse(props.session.startedAt), now())}
        />
      </List>
    </Sheet>
  )
}
