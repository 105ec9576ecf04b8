import type { Actor, AgentAsk, DeviceId, Scope } from '@bellhop/core'
import { expect, test } from 'vitest'
import { checkPerson } from './command-checks.ts'

const deviceId = 'dev_12345678' as DeviceId
const wants = (command: AgentAsk['command']): AgentAsk => ({
  kind: 'agent',
  deviceId,
  agentName: 'desktop',
  command,
})
const phone: Actor = { kind: 'device', deviceId, name: 'phone' }
const answers = (ask: AgentAsk, by: Actor, scopes?: readonly Scope[]) => {
  try {
    checkPerson(ask, by, scopes)
    return 'may'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('[HC-2] only a person’s device that holds all the command takes lets it through', () => {
  const message = wants({ type: 'prompt', text: 'go' })
  const mode = wants({ type: 'set_permission_mode', mode: 'plan' })
  expect(answers(message, phone, ['watch', 'drive'])).toBe('may')
  expect(answers(message, phone, ['watch', 'answer'])).toBe('scope_missing')
  expect(answers(mode, phone, ['drive'])).toBe('scope_missing')
  expect(answers(mode, phone, ['drive', 'answer'])).toBe('may')
  expect(answers(message, phone)).toBe('scope_missing')
  const agent: Actor = { ...phone, agent: { depth: 0 } }
  expect(answers(message, agent, ['watch', 'answer', 'drive'])).toBe('agent_refused')
})
