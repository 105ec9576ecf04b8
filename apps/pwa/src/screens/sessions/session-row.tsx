import type { Session } from '@bellhop/core'
import { Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { sessionPath } from '../../platform/parse-route.ts'
import { route } from '../../platform/router.ts'
import { moment } from '../../platform/times.ts'
import { Age } from '../../ui/age.tsx'
import { cx } from '../../ui/cx.ts'
import { MetaLine } from '../../ui/meta-line.tsx'
import '../../ui/row.css'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { awayWords } from '../stale-words.ts'
import { lineOf, shapeOf, titleOf } from './arrange.ts'

/** A session that nobody waits for, in three lines. */
export function SessionRow(props: {
  session: Session
  activity: string | undefined
  isCurrent: boolean
  seen: boolean
  showMachine: boolean
}) {
  const away = () =>
    props.session.status === 'ended' ? undefined : awayWords(props.session, now())
  const working = () => props.session.status === 'working' && !away()
  const failed = () => shapeOf(props.session) === 'failed'
  return (
    <a
      class={cx('row', props.seen && 'seen')}
      data-glide={props.session.sessionId}
      href={sessionPath(props.session.sessionId)}
      aria-current={isOpenHere(props.session.sessionId)}
    >
      <StateGlyph
        state={away() || (working() && !props.isCurrent) ? 'unknown' : shapeOf(props.session)}
      />
      <div>
        <div class="row-head">
          <b class="clip" dir="auto">
            {titleOf(props.session)}
          </b>
          <Show
            when={props.isCurrent}
            fallback={<time class="age">{moment(Date.parse(props.session.statusAt), now())}</time>}
          >
            <Age at={Date.parse(props.session.statusAt)} />
          </Show>
        </div>
        <p
          class={cx(
            'row-now clip',
            working() && props.isCurrent && 'working',
            failed() && !away() && 'failed',
          )}
          dir="auto"
        >
          {away() ?? lineOf(props.session, props.activity)}
        </p>
        <MetaLine
          project={props.session.project ?? undefined}
          branch={props.session.branch ?? undefined}
          machine={props.showMachine ? props.session.machine : undefined}
        />
      </div>
    </a>
  )
}

/** `page` for the session that stands beside the list. */
export const isOpenHere = (sessionId: string) => {
  const place = route()
  return place.at === 'session' && place.sessionId === sessionId ? 'page' : undefined
}
