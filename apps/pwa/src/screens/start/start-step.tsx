import type { Place } from '@bellhop/core'
import Folder from 'lucide-solid/icons/folder'
import Laptop from 'lucide-solid/icons/laptop'
import { createSignal, type JSX, Match, Show, Switch } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import '../../ui/choice.css'
import { Section } from '../../ui/list.tsx'
import { Options } from '../../ui/options.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { offered } from '../choice-words.ts'
import { repositoryWords } from './repository-words.ts'
import { AS_SET, type StartCell } from './start-cells.tsx'
import type { StartWay } from './start-memory.ts'

type StepProps = {
  step: StartCell
  place: Place
  way: StartWay
  places: readonly Place[]
  onPlace: (placeId: string) => void
  onChange: (more: StartWay) => void
  onClose: () => void
}

/** One thing to choose about a new session. */
export function StartStep(props: StepProps) {
  const take = (more: StartWay) => {
    props.onChange(more)
    props.onClose()
  }
  const asSet = { value: '', words: AS_SET }
  return (
    <Switch>
      <Match when={props.step === 'place'}>
        <Step title="Where?" onClose={props.onClose}>
          <Options
            label="Place"
            icon={Laptop}
            options={props.places.map(({ placeId, title, detail }) => ({
              value: placeId,
              words: title,
              note: detail,
            }))}
            value={props.place.placeId}
            onChoose={(placeId) => {
              props.onPlace(placeId)
              props.onClose()
            }}
          />
        </Step>
      </Match>
      <Match when={props.step === 'repository'}>
        <Repository {...props} onTake={(repository) => take({ repository, branch: undefined })} />
      </Match>
      <Match when={props.step === 'branch'}>
        <Step
          title="Branch"
          onClose={props.onClose}
          foot={
            <Line
              label="Branch"
              hint="Type the name of a branch"
              value={props.way.branch ?? ''}
              onTake={(branch) => take({ branch })}
            />
          }
        >
          <Options
            label="Branch"
            machine
            options={[
              { value: '', words: 'Its default' },
              ...(props.way.branch ? [{ value: props.way.branch, words: props.way.branch }] : []),
            ]}
            value={props.way.branch ?? ''}
            onChoose={(branch) => take({ branch: branch || undefined })}
          />
        </Step>
      </Match>
      <Match when={props.step === 'mode'}>
        <Step title="Permissions" onClose={props.onClose}>
          <Options
            label="Permissions"
            options={[asSet, ...offered(props.place.choices.permissionModes)]}
            value={props.way.permissionMode ?? ''}
            onChoose={(mode) => take({ permissionMode: mode || undefined })}
          />
        </Step>
      </Match>
      <Match when={props.step === 'model'}>
        <Step title="Model" onClose={props.onClose}>
          <Options
            label="Model"
            options={[asSet, ...offered(props.place.choices.models)]}
            value={props.way.model ?? ''}
            onChoose={(model) => take({ model: model || undefined })}
          />
        </Step>
      </Match>
    </Switch>
  )
}

function Repository(props: StepProps & { onTake: (repository: string) => void }) {
  const known = () => [
    ...new Set([
      ...(props.way.repository ? [props.way.repository] : []),
      ...props.place.repositories,
    ]),
  ]
  return (
    <Step
      tall
      title="Which repository?"
      onClose={props.onClose}
      foot={
        <Line
          label="Address of a repository"
          hint="Type the address of another"
          value=""
          onTake={props.onTake}
        />
      }
    >
      <Show
        when={known().length > 0}
        fallback={
          <p class="lede">None was used on {props.place.title} before. Type its address.</p>
        }
      >
        <Section title="Used lately">
          <Options
            label="Repository"
            icon={Folder}
            machine
            options={known().map((address) => ({
              value: address,
              words: repositoryWords(address),
              note: address,
            }))}
            value={props.way.repository}
            onChoose={props.onTake}
          />
        </Section>
      </Show>
    </Step>
  )
}

function Step(props: {
  title: string
  tall?: boolean
  onClose: () => void
  foot?: JSX.Element
  children: JSX.Element
}) {
  return (
    <Sheet
      labelledBy="start-step"
      {...(props.tall && { tall: true })}
      onDismiss={props.onClose}
      head={
        <h2 class="sheet-ask" id="start-step">
          {props.title}
        </h2>
      }
      foot={props.foot}
    >
      {props.children}
    </Sheet>
  )
}

/** A line to type what is not listed. */
function Line(props: {
  label: string
  hint: string
  value: string
  onTake: (value: string) => void
}) {
  const [text, setText] = createSignal(props.value)
  const take = (event: Event) => {
    event.preventDefault()
    if (text().trim()) props.onTake(text().trim())
  }
  return (
    <form class="start-type" onSubmit={take}>
      <input
        class="input"
        aria-label={props.label}
        placeholder={props.hint}
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        maxlength="1000"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Show when={text().trim()}>
        <Button kind="primary" type="submit">
          Use
        </Button>
      </Show>
    </form>
  )
}
