import { For } from 'solid-js'
import './ledger.css'
import { StateGlyph } from './state-glyph.tsx'
import './tasks.css'

export type Task = { readonly text: string; readonly state: 'open' | 'working' | 'done' }

const SHAPE = { open: 'ended', working: 'working', done: 'done' } as const

/** The agent's list of what it means to do; nothing in it is under way when it tells of the past. */
export function Tasks(props: { tasks: readonly Task[]; past?: boolean }) {
  const done = () => props.tasks.filter((task) => task.state === 'done').length
  return (
    <section class="ledger tasks" aria-label="Tasks">
      <h3>
        Tasks
        <span class="num">
          {done()} of {props.tasks.length}
        </span>
      </h3>
      <div class="task-bar" aria-hidden="true">
        <For each={props.tasks}>{(task) => <i class={task.state} />}</For>
      </div>
      <ul>
        <For each={props.tasks}>
          {(task) => (
            <li class={task.state}>
              <StateGlyph
                state={props.past && task.state === 'working' ? 'unknown' : SHAPE[task.state]}
                small
              />
              <span dir="auto">{task.text}</span>
            </li>
          )}
        </For>
      </ul>
    </section>
  )
}
