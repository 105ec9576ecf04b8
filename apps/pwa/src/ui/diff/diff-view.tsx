import { createMemo, For, Show } from 'solid-js'
import { codeLines, languageOf } from '../code/highlight.ts'
import { markSpans, type SpanLine } from '../code/spans.ts'
import { cx } from '../cx.ts'
import { MachineText } from '../machine-text.tsx'
import { More } from '../more.tsx'
import './diff.css'
import type { DiffHunk, DiffLine } from './diff-lines.ts'

const SIGNS = { same: '', add: '+', del: '−' }
const SPOKEN = { same: '', add: 'added', del: 'removed' }

/** Changed lines of one file, one column, wrapped; past `maxLines` a way to all of them. */
export function DiffView(props: {
  path: string
  hunks: readonly DiffHunk[]
  named?: boolean
  maxLines?: number
  onMore?: () => void
}) {
  const lines = createMemo(() => props.hunks.flatMap((hunk) => hunk.lines))
  const colours = createMemo(() => {
    const language = languageOf(props.path)
    const side = (skip: DiffLine['kind']) => {
      const kept = lines().filter((line) => line.kind !== skip)
      const coloured = codeLines(kept.map((line) => line.text).join('\n'), language)
      return new Map(kept.map((line, at) => [line, coloured[at]]))
    }
    const before = side('add')
    const after = side('del')
    return (line: DiffLine): SpanLine =>
      (line.kind === 'del' ? before : after).get(line) ?? [{ text: line.text }]
  })
  const limit = () => props.maxLines ?? Number.POSITIVE_INFINITY
  return (
    <section class="diff machine" aria-label={`Changes in ${props.path}`}>
      <Show when={props.named}>
        <p class="diff-path">
          <MachineText text={props.path} />
        </p>
      </Show>
      <For each={lines().slice(0, limit())}>
        {(line) => (
          <div class={cx('diff-line', line.kind)}>
            <i aria-hidden="true">{line.number ?? ''}</i>
            <b aria-hidden="true">{SIGNS[line.kind]}</b>
            <code>
              <Show when={SPOKEN[line.kind]}>
                <span class="visually-hidden">{SPOKEN[line.kind]} </span>
              </Show>
              <For each={markSpans(colours()(line), line.marks)}>
                {(span) => (
                  <Show
                    when={span.marked}
                    fallback={<Coloured kind={span.kind} text={span.text} />}
                  >
                    <mark>
                      <Coloured kind={span.kind} text={span.text} />
                    </mark>
                  </Show>
                )}
              </For>
            </code>
          </div>
        )}
      </For>
      <Show when={lines().length > limit()}>
        <More onClick={() => props.onMore?.()}>All {lines().length} lines</More>
      </Show>
    </section>
  )
}

function Coloured(props: { kind?: string | undefined; text: string }) {
  return (
    <span class={props.kind ? `c-${props.kind}` : ''}>
      <MachineText text={props.text} />
    </span>
  )
}

/** `+5 −3`, or only the half that is not nothing. */
export function ChangeCount(props: { added: number; removed: number }) {
  return (
    <span class="change-count machine">
      <Show when={props.added > 0 || props.removed === 0}>
        <span class="plus">+{props.added}</span>
      </Show>{' '}
      <Show when={props.removed > 0}>
        <span class="minus">−{props.removed}</span>
      </Show>
    </span>
  )
}
