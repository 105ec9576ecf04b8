import { createVirtualizer, elementScroll } from '@tanstack/solid-virtual'
import ArrowDown from 'lucide-solid/icons/arrow-down'
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
  untrack,
} from 'solid-js'
import { now } from '../../platform/now.ts'
import type { FoundPlace } from '../../platform/parse-route.ts'
import { moment } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import type { Outgoing } from '../../state/outbox-rules.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { Markdown } from '../../ui/markdown/markdown.tsx'
import { foldRows, type Item } from './fold-rows.ts'
import { isFound } from './found.ts'
import { land, unmark } from './landing.ts'
import { LedgerView } from './ledger-view.tsx'
import { EmptyTranscript, OlderWords } from './older-words.tsx'
import { OutgoingSlip } from './outgoing-slip.tsx'
import { RowView } from './row-view.tsx'
import './transcript.css'

type Shown =
  | Item
  | { kind: 'live'; key: 'live' }
  | { kind: 'outgoing'; key: string; entry: Outgoing }

type Place = { readonly index: number; readonly start: number }

const NEAR_TOP = 3
const OLDER_REM = 4.75
const rootFontPx = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
const PLACED_AFTER_MS = 300
const ESTIMATES = { day: 32, ledger: 96, row: 120, live: 120, outgoing: 110 }

/** The transcript, drawn only where it is looked at, and held at its end while one is there. */
export function TranscriptView(props: {
  sessionId: string
  store: TranscriptStore
  cwd: string | null
  asks: boolean
  /** Where somebody was led to by a search. */
  found: FoundPlace | undefined
  onEdit: (text: string) => void
}) {
  const app = useApp()
  let scroller: HTMLElement | null = null
  let space: HTMLElement | undefined
  /** Whether the reader has been put at the end once; before that nothing can be told from where they are. */
  let placed = false
  const [atEnd, setAtEnd] = createSignal(true)
  const [seenKey, setSeenKey] = createSignal('')

  const items = createMemo<Item[]>((before) => foldRows(props.store.transcript().rows, before), [])
  const partial = () => app.sessions.partial(props.sessionId)
  const outgoing = () =>
    app.outbox.entries().filter((entry) => entry.command.sessionId === props.sessionId)
  /** Room above the first words for what is said about older ones; kept once it was there, so that nothing moves. */
  const olderRoom = createMemo<boolean>((had) => had || props.store.hasMore(), false)
  const shown = createMemo<Shown[]>(() => [
    ...items(),
    ...(partial() ? [{ kind: 'live', key: 'live' } as const] : []),
    ...outgoing().map((entry) => ({
      kind: 'outgoing' as const,
      key: entry.command.commandId,
      entry,
    })),
  ])

  const virtualizer = createVirtualizer<HTMLElement, HTMLElement>({
    get count() {
      return shown().length
    },
    getScrollElement: () => scroller,
    estimateSize: (index) => ESTIMATES[shown()[index]?.kind ?? 'row'],
    getItemKey: (index) => shown()[index]?.key ?? index,
    overscan: 6,
    get paddingStart() {
      return olderRoom() ? OLDER_REM * rootFontPx() : 12
    },
    paddingEnd: 16,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 80,
    // What came in front has to have its room before the view follows it down: a browser scrolls no further than it goes.
    scrollToFn: (offset, options, instance) => {
      if (space) space.style.blockSize = `${instance.getTotalSize()}px`
      elementScroll(offset, options, instance)
    },
    onChange: () => queueMicrotask(notice),
  })

  // One element for one key, for good: the virtualizer remembers heights by key and watches one element for each.
  const places = createMemo(
    () =>
      new Map<string, Place>(
        virtualizer
          .getVirtualItems()
          .map(({ key, index, start }) => [String(key), { index, start }]),
      ),
  )
  const keys = createMemo(() => [...places().keys()])
  const byKey = createMemo(() => new Map(shown().map((item) => [item.key, item])))

  const toEnd = () => virtualizer.scrollToEnd()
  const [landing, setLanding] = createSignal<FoundPlace>()
  /** Goes to a place that was found instead of the end. */
  const goTo = async (place: FoundPlace) => {
    setLanding(place)
    setAtEnd(false)
    const landed = await land(place, {
      store: props.store,
      items,
      scroller: () => scroller,
      scrollToIndex: (index) => virtualizer.scrollToIndex(index, { align: 'center' }),
      isWanted: () => landing() === place,
    })
    if (landing() !== place) return
    setLanding(undefined)
    if (!landed) toEnd()
    notice()
  }
  createEffect(
    on(
      () => props.found,
      (place) => place && void goTo(place),
    ),
  )
  onCleanup(() => {
    setLanding(undefined)
    unmark()
  })
  /** Where the reader is: at the end, or so near the beginning that older words are wanted. */
  const notice = () =>
    untrack(() => {
      if (landing()) return
      const end = virtualizer.isAtEnd(80)
      setAtEnd(end)
      if (end) setSeenKey(shown().at(-1)?.key ?? '')
      const first = virtualizer.getVirtualItems()[0]
      const nearTop = first !== undefined && first.index < NEAR_TOP
      if (placed && nearTop && (!end || !overflows())) older()
    })
  /** Reads on unless that has just failed: then only being asked to does. */
  const older = () => {
    if (props.store.hasMore() && !props.store.olderProblem()) void props.store.loadOlder()
  }
  const overflows = () => scroller !== null && scroller.scrollHeight > scroller.clientHeight + 8
  // What does not fill the screen cannot be scrolled up in.
  createEffect(
    on([() => props.store.state(), () => props.store.transcript(), app.current], ([state]) => {
      if (state !== 'ready' || !app.current()) return
      if (untrack(shown).length === 0) older()
      else setTimeout(notice, PLACED_AFTER_MS + 50)
    }),
  )
  createEffect(
    on(
      () => outgoing().length,
      (count, before) => {
        if (before !== undefined && count > before) requestAnimationFrame(toEnd)
      },
    ),
  )
  const some = createMemo(() => shown().length > 0)
  createEffect(
    on(some, (any) => {
      if (!any) return
      requestAnimationFrame(() => untrack(landing) === undefined && !props.found && toEnd())
      setTimeout(() => {
        placed = true
      }, PLACED_AFTER_MS)
    }),
  )
  // A keyboard or a ticket takes room from below: who was at the end stays there.
  onMount(() => {
    const sizes = new ResizeObserver(() => atEnd() && toEnd())
    if (scroller) sizes.observe(scroller)
    onCleanup(() => sizes.disconnect())
  })
  createEffect(() => {
    const last = shown().at(-1)
    if (atEnd() && last) setSeenKey(last.key)
  })
  const fresh = () => {
    const at = shown().findLastIndex((item) => item.key === seenKey())
    return at < 0
      ? 0
      : shown()
          .slice(at + 1)
          .filter((item) => item.kind !== 'day').length
  }

  return (
    <div class="transcript-frame">
      <section
        ref={(element) => {
          scroller = element
        }}
        class="scroller transcript"
        tabindex="0"
        aria-label="Transcript"
        onScroll={notice}
      >
        <Show when={shown().length === 0}>
          <EmptyTranscript store={props.store} />
        </Show>
        <div
          class="transcript-space"
          ref={(element) => {
            space = element
          }}
          style={{ 'block-size': `${virtualizer.getTotalSize()}px` }}
        >
          <Show when={props.store.hasMore() && some()}>
            <OlderWords />
          </Show>
          <For each={keys()}>
            {(key) => {
              const place = createMemo<Place>((last) => places().get(key) ?? last, {
                index: 0,
                start: 0,
              })
              const item = createMemo<Shown | undefined>((last) => byKey().get(key) ?? last)
              return (
                <div
                  class={cx('transcript-item', isFoundRow(item()) && 'found-line')}
                  data-index={place().index}
                  ref={(element) => queueMicrotask(() => virtualizer.measureElement(element))}
                  style={{ translate: `0 ${place().start}px` }}
                >
                  <Show when={item()}>
                    {(one) => (
                      <ItemView
                        item={one()}
                        cwd={props.cwd}
                        live={partial()?.text ?? ''}
                        onEdit={props.onEdit}
                      />
                    )}
                  </Show>
                </div>
              )
            }}
          </For>
        </div>
      </section>
      <Show when={!atEnd()}>
        <button type="button" class={cx('jump', props.asks && 'asks')} onClick={toEnd}>
          <Icon shape={ArrowDown} size="small" />
          {props.asks ? 'Asks you' : fresh() > 0 ? `${fresh()} new` : 'Newest'}
        </button>
      </Show>
    </div>
  )
}

const isFoundRow = (item: Shown | undefined) => item?.kind === 'row' && isFound(item.row.key)

function ItemView(props: {
  item: Shown
  cwd: string | null
  live: string
  onEdit: (text: string) => void
}) {
  const as = <Kind extends Shown['kind']>(kind: Kind) =>
    props.item.kind === kind ? (props.item as Extract<Shown, { kind: Kind }>) : undefined
  return (
    <Switch>
      <Match when={as('ledger')}>{(item) => <LedgerView item={item()} cwd={props.cwd} />}</Match>
      <Match when={as('row')}>{(item) => <RowView row={item().row} />}</Match>
      <Match when={as('day')}>
        {(item) => <p class="day-break">{moment(item().at, now())}</p>}
      </Match>
      <Match when={as('live')}>
        <Markdown text={props.live} live />
      </Match>
      <Match when={as('outgoing')}>
        {(item) => <OutgoingSlip entry={item().entry} onEdit={props.onEdit} />}
      </Match>
    </Switch>
  )
}
