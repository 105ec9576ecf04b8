import { SEARCH_BOUNDS } from '@bellhop/core'
import Search from 'lucide-solid/icons/search'
import X from 'lucide-solid/icons/x'
import { For, Match, onMount, Show, Switch } from 'solid-js'
import { searchPath, sessionPath } from '../../platform/parse-route.ts'
import { go } from '../../platform/router.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { wide } from '../../platform/wide.ts'
import { useApp } from '../../state/app-state.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Icon } from '../../ui/icon.tsx'
import { titleOf } from '../sessions/arrange.ts'
import { FoundSession } from './found-session.tsx'
import './search.css'
import { createSearch } from './search-state.ts'
import { FILTERS, foundWords, noneWords } from './search-words.ts'

/** Words in all transcripts, or in one: what was found by session, the field and its filters at the thumb. */
export function SearchScreen(props: { sessionId: string | undefined }) {
  const app = useApp()
  const search = createSearch(app, () => props.sessionId)
  let field: HTMLInputElement | undefined
  let scroller: HTMLElement | undefined
  useTopColour(() => 'canvas')
  onMount(() => {
    // Who comes back to what was found on a phone does not want the keyboard over it.
    if (search.words() === '' || wide()) field?.select()
    if (search.words() !== '')
      requestAnimationFrame(() => scroller?.scrollTo(0, search.scrollTop()))
  })
  const inSession = () => {
    const session = props.sessionId === undefined ? undefined : app.sessions.get(props.sessionId)
    return session && titleOf(session)
  }
  const close = () => go(props.sessionId === undefined ? '#/' : sessionPath(props.sessionId))
  const answer = () => search.found()?.answer

  return (
    <>
      <main
        ref={(element) => {
          scroller = element
        }}
        class="scroller search-body"
        onScroll={(event) => search.setScrollTop(event.currentTarget.scrollTop)}
      >
        <h1 class="visually-hidden">Search</h1>
        <div class="search-found">
          <Show when={inSession()}>
            {(title) => (
              <p class="search-where">
                <span class="clip" dir="auto">
                  In {title()}
                </span>
                <Button kind="link" href={searchPath()}>
                  In all sessions
                </Button>
              </p>
            )}
          </Show>
          <p class="search-status" role="status">
            <Switch>
              <Match when={search.problem()}>{(words) => words()}</Match>
              <Match when={!app.current()}>Searching needs a connection.</Match>
              <Match when={search.words().trim() === ''}>
                Everything said and done in {inSession() ? 'it' : 'your sessions'}, as far as{' '}
                {app.machine()} keeps it.
              </Match>
              <Match when={answer()}>
                {(found) => (
                  <Show
                    when={found().sessions.length > 0}
                    fallback={
                      <>
                        Nothing has <em dir="auto">{search.found()?.words}</em>
                        {noneWords(found())}
                      </>
                    }
                  >
                    {foundWords(found())}
                  </Show>
                )}
              </Match>
              <Match when={search.busy()}>Asking {app.machine()}</Match>
            </Switch>
          </p>
          <Show when={search.problem()}>
            <Button kind="link" onClick={() => void search.again()}>
              Try again
            </Button>
          </Show>
          <For each={answer()?.sessions}>
            {(group) => <FoundSession group={group} whole={props.sessionId !== undefined} />}
          </For>
          <Show when={answer()?.next !== undefined}>
            <p class="search-older">
              <Button disabled={search.busy()} onClick={() => void search.older()}>
                Older places
              </Button>
            </p>
          </Show>
        </div>
      </main>
      <search class="search-dock">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            field?.blur()
          }}
        >
          <fieldset class="search-filters">
            <legend class="visually-hidden">Look in</legend>
            <For each={FILTERS}>
              {(one, at) => (
                <Chip
                  aria-pressed={search.filter() === at()}
                  onClick={() => search.setFilter(at())}
                >
                  {one.words}
                </Chip>
              )}
            </For>
          </fieldset>
          <div class="search-line">
            <label class="search-field">
              <Icon shape={Search} />
              <input
                ref={(element) => {
                  field = element
                }}
                type="search"
                enterkeyhint="search"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                dir="auto"
                aria-label="Words to find"
                maxlength={SEARCH_BOUNDS.words}
                value={search.words()}
                onInput={(event) => search.setWords(event.currentTarget.value)}
                onKeyDown={(event) => event.key === 'Escape' && close()}
              />
              <Show when={search.words() !== ''}>
                <IconButton
                  label="Clear"
                  onClick={() => {
                    search.setWords('')
                    field?.focus()
                  }}
                >
                  <Icon shape={X} size="small" />
                </IconButton>
              </Show>
            </label>
            <Button onClick={close}>Close</Button>
          </div>
        </form>
      </search>
    </>
  )
}
