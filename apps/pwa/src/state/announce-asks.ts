import { askWords } from '@bellhop/core'
import { createEffect } from 'solid-js'
import { announce } from '../platform/announce.ts'
import { titleOf } from '../screens/sessions/arrange.ts'
import type { AppState } from './app-state.ts'

/** Says each new ask aloud once, for those who listen instead of looking. */
export function announceAsks(app: AppState): void {
  const said = new Set<string>()
  let first = true
  createEffect(() => {
    if (!app.current()) return
    for (const session of app.sessions.shown())
      for (const wait of session.waits) {
        if (said.has(wait.permissionId)) continue
        said.add(wait.permissionId)
        if (!first)
          announce(
            `${titleOf(session)}${wait.ask.kind === 'agent' ? ': agent' : ' asks:'} ${askWords(wait.ask).replace(/\?$/, '')}.`,
            true,
          )
      }
    first = false
  })
}
