import type { AnyAsk } from '@bellhop/core'
import type { PromptShape } from '../../ui/disc.tsx'

type Look = { readonly shape: PromptShape; readonly verb: string }

const LOOKS: Record<AnyAsk['kind'], Look> = {
  tool: { shape: 'permission', verb: 'Review' },
  question: { shape: 'question', verb: 'Answer' },
  plan: { shape: 'plan', verb: 'Read' },
  agent: { shape: 'agent', verb: 'Review' },
  unknown: { shape: 'permission', verb: 'Read' },
}

/** The glyph of an ask, and what the button that leads to it says. */
export const askLook = ({ kind }: AnyAsk): Look => LOOKS[kind]
