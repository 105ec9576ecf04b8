import { type Capability, canBeAsked, type Session } from '@bellhop/core'
import Brain from 'lucide-solid/icons/brain'
import ChevronRight from 'lucide-solid/icons/chevron-right'
import ChevronsUpDown from 'lucide-solid/icons/chevrons-up-down'
import Clock from 'lucide-solid/icons/clock'
import Cpu from 'lucide-solid/icons/cpu'
import KeyRound from 'lucide-solid/icons/key-round'
import MessageSquareText from 'lucide-solid/icons/message-square-text'
import Pencil from 'lucide-solid/icons/pencil'
import Plug from 'lucide-solid/icons/plug'
import Search from 'lucide-solid/icons/search'
import CircleStop from 'lucide-solid/icons/square'
import { createSignal, type JSX, Match, Show, Switch } from 'solid-js'
import { now } from '../../platform/now.ts'
import { searchPath } from '../../platform/parse-route.ts'
import { homePath } from '../../platform/paths.ts'
import { moment } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { cx } from '../../ui/cx.ts'
import type { IconShape } from '../../ui/icon.tsx'
import { Cell, CellButton, CellLink, List } from '../../ui/list.tsx'
import { MetaLine } from '../../ui/meta-line.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { offered, valueWords } from '../choice-words.ts'
import { titleOf } from '../sessions/arrange.ts'
import { EndStep, RenameStep, SettingStep } from './detail-steps.tsx'
import { McpStep } from './mcp-step.tsx'
import { useStory } from './session-context.ts'
import { changeOf, changeSetting, type SettingChange } from './setting-changes.ts'
import './session-details.css'

type View = 'facts' | 'mode' | 'model' | 'thinking' | 'rename' | 'mcp' | 'end'

/** The facts of a session, and what of it can be changed from here. */
export function SessionDetails(props: { session: Session; onDismiss: () => void }) {
  const app = useApp()
  const [view, setView] = createSignal<View>('facts')
  const back = () => setView('facts')
  const choices = () => props.session.choices
  const change = (what: SettingChange, words: string) => {
    void changeSetting(app, props.session.sessionId, what, words)
    back()
  }
  return (
    <Switch>
      <Match when={view() === 'facts'}>
        <Facts session={props.session} onView={setView} onDismiss={props.onDismiss} />
      </Match>
      <Match when={view() === 'mode'}>
        <SettingStep
          title="Permissions"
          options={offered(choices()?.permissionModes)}
          value={props.session.permissionMode ?? undefined}
          onBack={back}
          onChoose={(mode, words) => change({ type: 'set_permission_mode', mode }, words)}
        />
      </Match>
      <Match when={view() === 'model'}>
        <SettingStep
          title="Model"
          options={offered(choices()?.models)}
          value={props.session.model ?? undefined}
          onBack={back}
          onChoose={(model, words) => change({ type: 'set_model', model }, words)}
        />
      </Match>
      <Match when={view() === 'thinking'}>
        <SettingStep
          title="Thinking"
          options={thinkingOf(props.session)}
          value={undefined}
          onBack={back}
          onChoose={(tokens, words) =>
            change({ type: 'set_thinking', tokens: Number(tokens) }, words)
          }
        />
      </Match>
      <Match when={view() === 'rename'}>
        <RenameStep
          title={props.session.title ?? ''}
          onBack={back}
          onSave={(title) => change({ type: 'rename', title }, `Changing to ${title}`)}
        />
      </Match>
      <Match when={view() === 'mcp'}>
        <McpStep sessionId={props.session.sessionId} onBack={back} />
      </Match>
      <Match when={view() === 'end'}>
        <EndStep session={props.session} onBack={back} onEnded={props.onDismiss} />
      </Match>
    </Switch>
  )
}

const thinkingOf = ({ choices }: Session) =>
  offered(choices?.thinking).filter(({ value }) => /^\d+$/.test(value))

function Facts(props: { session: Session; onView: (view: View) => void; onDismiss: () => void }) {
  const app = useApp()
  const isRunning = () => props.session.status !== 'ended' && app.current()
  const has = (capability: Capability) => canBeAsked(props.session.capabilities, capability)
  const may = (capability: Capability) => isRunning() && app.may('drive') && has(capability)
  const choices = () => props.session.choices
  const used = () => props.session.contextUsed
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
            project={
              props.session.cwd ? homePath(props.session.cwd) : (props.session.project ?? undefined)
            }
            branch={props.session.branch ?? undefined}
            machine={props.session.machine}
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
        <SettingCell
          session={props.session}
          type="set_permission_mode"
          icon={KeyRound}
          title="Permissions"
          value={wordsOf(props.session.permissionMode, choices()?.permissionModes)}
          may={
            may('set_permission_mode') &&
            app.may('answer') &&
            offered(choices()?.permissionModes).length > 0
          }
          onOpen={() => props.onView('mode')}
        />
        <SettingCell
          session={props.session}
          type="set_model"
          icon={Cpu}
          title="Model"
          value={wordsOf(props.session.model, choices()?.models)}
          may={may('set_model') && offered(choices()?.models).length > 0}
          onOpen={() => props.onView('model')}
        />
        <SettingCell
          session={props.session}
          type="set_thinking"
          icon={Brain}
          title="Thinking"
          value={undefined}
          may={may('set_thinking') && thinkingOf(props.session).length > 0}
          onOpen={() => props.onView('thinking')}
        />
        <Show when={used() !== undefined}>
          <Cell
            icon={MessageSquareText}
            title="Context used"
            value={<span class="num">{Math.round((used() ?? 0) * 100)} %</span>}
          />
        </Show>
        <Cell
          icon={Clock}
          title="Began"
          value={moment(Date.parse(props.session.startedAt), now())}
        />
      </List>
      <List>
        <CellLink
          icon={Search}
          title="Search in this session"
          href={searchPath(props.session.sessionId)}
        />
      </List>
      <Show when={may('rename') || (isRunning() && has('list_mcp_servers'))}>
        <List>
          <SettingCell
            session={props.session}
            type="rename"
            icon={Pencil}
            title="Change the title"
            value={undefined}
            turn={ChevronRight}
            may={may('rename')}
            onOpen={() => props.onView('rename')}
          />
          <Show when={isRunning() && has('list_mcp_servers')}>
            <CellButton
              icon={Plug}
              title="MCP servers"
              turn={ChevronRight}
              onClick={() => props.onView('mcp')}
            />
          </Show>
        </List>
      </Show>
      <Show when={may('archive')}>
        <List>
          <SettingCell
            session={props.session}
            type="archive"
            icon={CircleStop}
            title="End session"
            value={undefined}
            bad
            may
            onOpen={() => props.onView('end')}
          />
        </List>
      </Show>
    </Sheet>
  )
}

const wordsOf = (value: string | null, choices: Parameters<typeof valueWords>[1]) =>
  value === null ? undefined : valueWords(value, choices)

/** A setting as it is, a way to change it where that can be done, and what came of the last change. */
function SettingCell(props: {
  session: Session
  type: SettingChange['type']
  icon: IconShape
  title: string
  value: JSX.Element
  may: boolean
  bad?: boolean
  turn?: IconShape
  onOpen: () => void
}) {
  const app = useApp()
  const story = useStory()
  const outcome = () => changeOf(props.session.sessionId, props.type, story, app.machine())
  const cell = () => ({ icon: props.icon, title: props.title, value: props.value })
  return (
    <>
      <Switch>
        <Match when={props.may}>
          <CellButton
            {...cell()}
            {...(props.bad ? { bad: true } : { turn: props.turn ?? ChevronsUpDown })}
            disabled={outcome()?.stage === 'busy'}
            onClick={props.onOpen}
          />
        </Match>
        <Match when={props.value !== undefined}>
          <Cell {...cell()} />
        </Match>
      </Switch>
      <Show when={outcome()}>
        {(known) => (
          <p class={cx('change in-list', known().stage)} role="status">
            <CodeWords text={known().words} />
          </p>
        )}
      </Show>
    </>
  )
}
