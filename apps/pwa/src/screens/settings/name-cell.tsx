import { createSignal, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import '../../ui/choice.css'
import Smartphone from 'lucide-solid/icons/smartphone'
import { CellButton } from '../../ui/list.tsx'

/** What this phone is called at the relay, and a way to change it. */
export function NameCell() {
  const app = useApp()
  const [editing, setEditing] = createSignal(false)
  const [problem, setProblem] = createSignal('')
  let input!: HTMLInputElement
  const save = async (event: Event) => {
    event.preventDefault()
    const name = input.value.trim()
    if (!name || name === app.pairing()?.name) return setEditing(false)
    try {
      await app.client().call('renameSelf', { name })
      app.rename(name)
      setProblem('')
      setEditing(false)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It was not saved.')
    }
  }
  return (
    <Show
      when={editing()}
      fallback={
        <CellButton
          icon={Smartphone}
          title="Name"
          value={app.pairing()?.name ?? ''}
          onClick={() => {
            setEditing(true)
            input.focus()
          }}
        />
      }
    >
      <form class="cell column" onSubmit={save}>
        <div class="name-form">
          <input
            ref={input}
            class="input"
            aria-label="Name of this phone"
            maxlength="60"
            value={app.pairing()?.name ?? ''}
          />
          <Button kind="primary" type="submit">
            Save
          </Button>
        </div>
        <Show when={problem()}>
          <span class="outcome bad" role="alert">
            {problem()}
          </span>
        </Show>
      </form>
    </Show>
  )
}
