import type { SearchAnswer, SearchHit, Session } from '@bellhop/core'
import { createMemo, For, Match, Show, Switch } from 'solid-js'
import { now } from '../../platform/now.ts'
import { foundPath, searchPath, sessionPath } from '../../platform/parse-route.ts'
import { useApp } from '../../state/app-state.ts'
import { setSoughtWords } from '../../state/sought-words.ts'
import { AgentName } from '../../ui/agent-name.tsx'
import { cx } from '../../ui/cx.ts'
import { Disc } from '../../ui/disc.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import '../../ui/meta-line.css'
import '../../ui/row.css'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { shapeOf, titleOf } from '../sessions/arrange.ts'
import {
  askShape,
  dayWords,
  hitWords,
  isMachine,
  pieces,
  placesWords,
  SHOWN_HITS,
} from './search-words.ts'

/** A session with what was found in it: its newest places, and a way to all of them. */
export function FoundSession(props: { group: SearchAnswer['sessions'][number]; whole: boolean }) {
  const app = useApp()
  const session = createMemo(() => app.sessions.get(props.group.sessionId))
  const newestMs = () => Date.parse(props.group.hits[0]?.at ?? '')
  const hits = () => (props.whole ? props.group.hits : props.group.hits.slice(0, SHOWN_HITS))
  const isMore = () => !props.whole && props.group.places > hits().length
  return (
    <section class="search-group" aria-label={nameOf(session())}>
      <a class="row" href={sessionPath(props.group.sessionId)}>
        <Show when={session()} fallback={<StateGlyph state="unknown" />}>
          {(known) => <SessionState session={known()} />}
        </Show>
        <div>
          <div class="row-head">
            <b class="clip" dir="auto">
              {nameOf(session())}
            </b>
            <time class="age">{dayWords(newestMs(), now())}</time>
          </div>
          <p class="meta-line">
            <Show when={session()?.project}>
              <span>
                <bdi>{session()?.project}</bdi>
              </span>
            </Show>
            <span>{placesWords(props.group.places)}</span>
          </p>
        </div>
      </a>
      <For each={hits()}>
        {(hit) => <HitRow hit={hit} shownIn={props.group.sessionId} newestMs={newestMs()} />}
      </For>
      <Show when={isMore()}>
        <a class="search-hit search-all" href={searchPath(props.group.sessionId)}>
          All places in this session
        </a>
      </Show>
    </section>
  )
}

const nameOf = (session: Session | undefined) => (session ? titleOf(session) : 'Session')

function SessionState(props: { session: Session }) {
  return (
    <Show
      when={props.session.status === 'waiting' && askShape(props.session)}
      fallback={<StateGlyph state={shapeOf(props.session)} />}
    >
      {(shape) => (
        <span class="search-disc">
          <Disc shape={shape()} />
          <span class="visually-hidden">Needs you</span>
        </span>
      )}
    </Show>
  )
}

function HitRow(props: { hit: SearchHit; shownIn: string; newestMs: number }) {
  const cut = createMemo(() => pieces(props.hit))
  const place = () => ({
    eventId: props.hit.eventId,
    sessionId: props.hit.sessionId,
    atMs: Date.parse(props.hit.at),
  })
  const follow = () =>
    setSoughtWords([
      ...new Set(
        cut()
          .filter((piece) => piece.isMarked)
          .map((piece) => piece.text),
      ),
    ])
  const machine = () => isMachine(props.hit)
  return (
    <a class="search-hit" href={foundPath(props.shownIn, place())} onClick={follow}>
      <span class="search-said">
        <Show when={props.hit.agentName}>{(name) => <AgentName name={name()} />}</Show>
        <span>{hitWords(props.hit, props.newestMs, now())}</span>
      </span>
      <span
        class={cx('search-words', machine() && 'mono machine')}
        dir={machine() ? undefined : 'auto'}
      >
        <For each={cut()}>
          {(piece) => (
            <Switch fallback={<MachineText text={piece.text} />}>
              <Match when={piece.isMarked}>
                <mark>
                  <MachineText text={piece.text} />
                </mark>
              </Match>
            </Switch>
          )}
        </For>
      </span>
    </a>
  )
}
