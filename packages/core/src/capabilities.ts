import * as v from 'valibot'

/**
 * What a session can be asked to do right now. Declared by its source per session, as data; a
 * phone shows only what is listed and the relay refuses the rest. [CM-4]
 */
export const CAPABILITIES = {
  prompt: 'Take a message as the person’s own words.',
  prompt_as_peer: 'Take a message, which arrives as one from another session.',
  interrupt: 'Stop what it is doing and wait.',
  decide_permission: 'Have a permission allowed or denied, with a reason.',
  edit_input: 'Have a permission’s input changed before it is allowed.',
  always_allow: 'Take a rule along with an allowed permission.',
  answer_question: 'Have its questions answered.',
  decide_plan: 'Have its plan approved, changed or sent back.',
  set_model: 'Go on with another model.',
  set_permission_mode: 'Be asked for leave more or less often.',
  set_thinking: 'Think more or less before it answers.',
  rename: 'Take another title.',
  archive: 'Be ended and put away.',
  list_mcp_servers: 'Say which MCP servers it has and how they are.',
} as const satisfies Record<string, string>

export type Capability = keyof typeof CAPABILITIES

/** Capabilities as they travel: names this reader does not know are carried, and simply offer nothing. [I8] */
export const capabilitiesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(60))),
  v.maxLength(60),
)

export const canBeAsked = (capabilities: readonly string[], capability: Capability): boolean =>
  capabilities.includes(capability)
