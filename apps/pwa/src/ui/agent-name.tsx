import Bot from 'lucide-solid/icons/bot'
import './agent-name.css'
import { Icon } from './icon.tsx'
import { MachineText } from './machine-text.tsx'

/** Names an agent so that it passes for nobody: its sign, the word and its name. */
export function AgentName(props: { name: string }) {
  return (
    <span class="agent-name">
      <Icon shape={Bot} size="small" />
      <span>
        Agent{' '}
        <bdi>
          <MachineText text={props.name} />
        </bdi>
      </span>
    </span>
  )
}
