import {
  askWords,
  canBeAsked,
  type OpenPermission,
  roadOf,
  type Session,
  scopesToAnswer,
} from '@bellhop/core'
import { createMemo, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { sessionPath } from '../../platform/parse-route.ts'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Age } from '../../ui/age.tsx'
import { Actions, Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Disc } from '../../ui/disc.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import { MetaLine } from '../../ui/meta-line.tsx'
import { awayWords } from '../stale-words.ts'
import { askedLine, titleOf } from './arrange.ts'
import { askLook } from './ask-look.ts'
import { isOpenHere } from './session-row.tsx'
import './waiting-slip.css'

/** A session that waits for a person: who, where, what is asked, and the one thing to do about it. */
export function WaitingSlip(props: { session: Session; isCurrent: boolean; showMachine: boolean }) {
  const app = useApp()
  const wait = createMemo<OpenPermission | undefined>(() => props.session.waits[0])
  return (
    <Show when={wait()}>
      {(open) => {
        const ask = () => open().ask
        const path = () => sessionPath(props.session.sessionId, open().permissionId)
        const answer = () => app.answers.of(open().permissionId)
        const resting = () => ['sending', 'unconfirmed', 'taken'].includes(answer()?.stage ?? '')
        /** Leave for one thing: what it is stands on the slip, and no is given from here. */
        const isLeave = () => ask().kind === 'tool' || ask().kind === 'agent'
        const line = () => askedLine(ask(), props.session.cwd).slice(0, 300)
        const mayDeny = () =>
          isLeave() &&
          scopesToAnswer(ask()).every(app.may) &&
          canBeAsked(roadOf(props.session, open())?.capabilities ?? [], 'decide_permission')
        const deny = () =>
          app.answers.give(
            props.session.sessionId,
            open(),
            { type: 'decide_permission', decision: { behavior: 'deny' } },
            'Denying',
          )
        const question = () => {
          const shown = ask()
          return shown.kind === 'question' ? shown.questions[0]?.question : undefined
        }
        return (
          <li class="waiting-slip" data-glide={`slip ${props.session.sessionId}`}>
            <div class="row-head">
              <a
                class="clip"
                href={path()}
                dir="auto"
                aria-current={isOpenHere(props.session.sessionId)}
              >
                {titleOf(props.session)}
              </a>
              <Show
                when={props.isCurrent}
                fallback={<time class="age">{clock(Date.parse(open().askedAt))}</time>}
              >
                <Age at={Date.parse(open().askedAt)} class="age due" />
              </Show>
            </div>
            <MetaLine
              project={props.session.project ?? undefined}
              branch={props.session.branch ?? undefined}
              machine={props.showMachine ? props.session.machine : undefined}
            />
            <div class="waiting-ask">
              <Disc
                shape={askLook(ask()).shape}
                rang={props.isCurrent}
                {...(!props.isCurrent && { tone: 'off' as const })}
              />
              <span class="waiting-words" dir="auto">
                <MachineText text={question() ?? askWords(ask()).replace(/\?$/, '')} />
                <Show when={props.session.waits.length > 1}>
                  <small> and {props.session.waits.length - 1} more</small>
                </Show>
              </span>
              <Show when={props.isCurrent && !isLeave()}>
                <Button kind="primary" href={path()}>
                  {askLook(ask()).verb}
                </Button>
              </Show>
            </div>
            <Show when={awayWords(props.session, now())}>
              {(words) => <p class="waiting-failed unsure">{words()}</p>}
            </Show>
            <Show when={props.isCurrent && isLeave()}>
              <Show when={line()}>
                <p
                  class={cx('command small', ask().kind === 'tool' ? 'machine' : 'prose-line')}
                  dir={ask().kind === 'tool' ? undefined : 'auto'}
                >
                  <span class="clip-2">
                    <MachineText text={line()} />
                  </span>
                </p>
              </Show>
              <Actions>
                <Show when={mayDeny()}>
                  <Button disabled={resting()} onClick={deny}>
                    {resting() ? (answer()?.words ?? 'Denying') : 'Deny'}
                  </Button>
                </Show>
                <Button kind="primary" href={path()}>
                  {askLook(ask()).verb}
                </Button>
              </Actions>
              <Show when={failure(answer())}>
                {(state) => (
                  <p class={cx('waiting-failed', state().stage === 'unconfirmed' && 'unsure')}>
                    {state().text}
                  </p>
                )}
              </Show>
            </Show>
          </li>
        )
      }}
    </Show>
  )
}

const failure = (state: ReturnType<ReturnType<typeof useApp>['answers']['of']>) =>
  state && 'text' in state ? state : undefined
