import Bot from 'lucide-solid/icons/bot'
import KeyRound from 'lucide-solid/icons/key-round'
import ListChecks from 'lucide-solid/icons/list-checks'
import { Match, Switch } from 'solid-js'
import { cx } from './cx.ts'
import './disc.css'
import { QuestionGlyph } from './glyphs.tsx'
import { Icon } from './icon.tsx'

export type PromptShape = 'permission' | 'question' | 'plan' | 'agent'

/** What a session waits for: a key, a question mark, a list or an agent, on brass unless it can no longer be answered. */
export function Disc(props: { shape: PromptShape; tone?: 'off' | 'on-field'; rang?: boolean }) {
  return (
    <span class={cx('disc', props.tone, props.rang && 'rang')} aria-hidden="true">
      <Switch>
        <Match when={props.shape === 'permission'}>
          <Icon shape={KeyRound} />
        </Match>
        <Match when={props.shape === 'question'}>
          <QuestionGlyph />
        </Match>
        <Match when={props.shape === 'plan'}>
          <Icon shape={ListChecks} />
        </Match>
        <Match when={props.shape === 'agent'}>
          <Icon shape={Bot} />
        </Match>
      </Switch>
    </span>
  )
}
