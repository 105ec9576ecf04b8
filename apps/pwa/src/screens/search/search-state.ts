import type { SearchAnswer, SessionId } from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import type { AppState } from '../../state/app-state.ts'
import { FILTERS, joinAnswers } from './search-words.ts'

const LIMIT = 40
/** A pause in typing, so that not every letter is looked for. */
const PAUSE_MS = 150

type Asked = { words: string; filter: number; sessionId: string | undefined }
type Found = Asked & { answer: SearchAnswer; client: RelayClient }

// Kept while the app runs: who comes back from a place that was found finds the others where they were.
const [words, setWords] = createSignal('')
const [filter, setFilter] = createSignal(0)
const [found, setFound] = createSignal<Found>()
let scrollTop = 0

const same = (a: Asked | undefined, b: Asked) =>
  a !== undefined && a.words === b.words && a.filter === b.filter && a.sessionId === b.sessionId

/** What is looked for and what was found, followed while the screen is open. */
export function createSearch(app: AppState, sessionId: () => string | undefined) {
  const [problem, setProblem] = createSignal<string>()
  const [busy, setBusy] = createSignal(false)
  let calling: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  // What another relay said is nothing to this one.
  if (found() && found()?.client !== app.client()) {
    setFound(undefined)
    setWords('')
  }
  const asked = (): Asked => ({ words: words().trim(), filter: filter(), sessionId: sessionId() })

  const ask = async (before?: SearchAnswer) => {
    const wish = asked()
    calling?.abort()
    const control = new AbortController()
    calling = control
    setBusy(true)
    setProblem(undefined)
    try {
      const kinds = FILTERS[wish.filter]?.kinds
      const client = app.client()
      const answer = await client.call(
        'search',
        {
          words: wish.words,
          limit: LIMIT,
          ...(kinds && { kinds: [...kinds] }),
          ...(wish.sessionId !== undefined && { sessionId: wish.sessionId as SessionId }),
          ...(before?.next && { before: before.next }),
        },
        { signal: control.signal },
      )
      if (calling !== control) return
      setFound({ ...wish, client, answer: before ? joinAnswers(before, answer) : answer })
    } catch (error) {
      if (calling !== control) return
      setProblem(isRefusal(error) ? error.message : `${app.machine()} did not answer.`)
    } finally {
      if (calling === control) setBusy(false)
    }
  }

  createEffect(
    on([words, filter, sessionId, app.current], () => {
      clearTimeout(timer)
      const wish = asked()
      if (wish.words === '') {
        calling?.abort()
        calling = undefined
        setBusy(false)
        setProblem(undefined)
        setFound(undefined)
      } else if (app.current() && !same(found(), wish))
        timer = setTimeout(() => void ask(), PAUSE_MS)
    }),
  )
  onCleanup(() => {
    clearTimeout(timer)
    calling?.abort()
    calling = undefined
  })

  return {
    words,
    filter,
    found,
    problem,
    busy,
    setWords: (next: string) => {
      scrollTop = 0
      setWords(next)
    },
    setFilter: (next: number) => {
      scrollTop = 0
      setFilter(next)
    },
    scrollTop: () => scrollTop,
    setScrollTop: (next: number) => {
      scrollTop = next
    },
    again: () => ask(),
    older: () => ask(found()?.answer),
  }
}
