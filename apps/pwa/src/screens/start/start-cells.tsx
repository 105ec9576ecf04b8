import type { Place } from '@bellhop/core'
import ChevronsUpDown from 'lucide-solid/icons/chevrons-up-down'
import Cpu from 'lucide-solid/icons/cpu'
import Folder from 'lucide-solid/icons/folder'
import GitBranch from 'lucide-solid/icons/git-branch'
import KeyRound from 'lucide-solid/icons/key-round'
import Laptop from 'lucide-solid/icons/laptop'
import { For } from 'solid-js'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { offered, valueWords } from '../choice-words.ts'
import { repositoryWords } from './repository-words.ts'
import type { StartWay } from './start-memory.ts'

export type StartCell = 'place' | 'repository' | 'branch' | 'mode' | 'model'
type Shown = { cell: StartCell; title: string; words: string; machine?: boolean }

const ICONS = {
  place: Laptop,
  repository: Folder,
  branch: GitBranch,
  mode: KeyRound,
  model: Cpu,
}
/** What stands for not choosing. */
export const AS_SET = 'As set there'

/** What can be chosen at a place, and what is. Pure. */
export function cellsOf(place: Place, way: StartWay, severalPlaces: boolean): Shown[] {
  const { models, permissionModes } = place.choices
  const chosen = (value: string | undefined, choices: typeof models) =>
    value !== undefined && choices?.some((one) => one.value === value)
      ? valueWords(value, choices)
      : AS_SET
  return [
    ...(severalPlaces ? [{ cell: 'place' as const, title: 'Place', words: place.title }] : []),
    ...(place.takesRepository
      ? [
          {
            cell: 'repository' as const,
            title: 'Repository',
            words: way.repository ? repositoryWords(way.repository) : 'Not chosen',
            machine: way.repository !== undefined,
          },
          {
            cell: 'branch' as const,
            title: 'Branch',
            words: way.branch || 'Its default',
            machine: !!way.branch,
          },
        ]
      : []),
    ...(offered(permissionModes).length > 0
      ? [
          {
            cell: 'mode' as const,
            title: 'Permissions',
            words: chosen(way.permissionMode, permissionModes),
          },
        ]
      : []),
    ...(offered(models).length > 0
      ? [{ cell: 'model' as const, title: 'Model', words: chosen(way.model, models) }]
      : []),
  ]
}

/** Where and how, each a tap from being changed. */
export function StartCells(props: { cells: readonly Shown[]; onOpen: (cell: StartCell) => void }) {
  return (
    <fieldset class="start-cells" aria-label="Where and how">
      <For each={props.cells}>
        {(one) => (
          <button type="button" onClick={() => props.onOpen(one.cell)}>
            <Icon shape={ICONS[one.cell]} />
            <span>
              <small>{one.title}</small>
              <b class={cx('clip', one.machine && 'mono')} dir="auto">
                {one.words}
              </b>
            </span>
            <Icon shape={ChevronsUpDown} class="turn" />
          </button>
        )}
      </For>
    </fieldset>
  )
}
