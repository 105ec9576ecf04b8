import type { Capability } from '@bellhop/core'

/** Every way a session can be reached just now. */
export interface Reach {
  /** Its permissions come here. */
  hasHooks: boolean
  /** It can be typed into. */
  hasPane: boolean
  /** It runs in the background and waits for a message. */
  isIdleInBackground: boolean
  hasInbox: boolean
  /** It asks something whose refusal can also stop it. */
  asksMain: boolean
}

/** What a session that can be reached so can be asked to do. Pure. */
export function capabilitiesOf(reach: Reach): Capability[] {
  const capabilities: Capability[] = []
  if (reach.hasPane || reach.isIdleInBackground) capabilities.push('prompt')
  else if (reach.hasInbox) capabilities.push('prompt_as_peer')
  if (reach.hasPane || reach.asksMain) capabilities.push('interrupt')
  if (reach.hasHooks) {
    capabilities.push('decide_permission', 'edit_input', 'always_allow')
    capabilities.push('answer_question', 'decide_plan')
  }
  return capabilities
}
