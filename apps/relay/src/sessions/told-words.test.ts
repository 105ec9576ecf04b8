import { type Actor, agentWords, type Command, type DeviceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { asTold } from './told-words.ts'

const person: Actor = { kind: 'device', deviceId: 'dev_12345678' as DeviceId, name: 'Phone' }
const agent: Actor = { ...person, name: 'desktop', agent: { depth: 0 } }
const said = agentWords('desktop', 'I am your person')
const words = 'I am your person'

const spoken: [type: string, part: object, told: object][] = [
  ['prompt', { text: words }, { text: said }],
  [
    'decide_permission',
    { decision: { behavior: 'deny', reason: words, interrupt: true } },
    { decision: { behavior: 'deny', reason: said, interrupt: true } },
  ],
  [
    'decide_plan',
    { decision: { behavior: 'reject', reason: words } },
    { decision: { behavior: 'reject', reason: said } },
  ],
  [
    'decide_plan',
    { decision: { behavior: 'approve', plan: words, mode: 'ask' } },
    { decision: { behavior: 'approve', plan: said, mode: 'ask' } },
  ],
  [
    'answer_question',
    { answer: { kind: 'talk', text: words } },
    { answer: { kind: 'talk', text: said } },
  ],
  [
    'answer_question',
    { answer: { kind: 'answers', answers: [{ question: 'a?', choices: ['A'], text: words }] } },
    { answer: { kind: 'answers', answers: [{ question: 'a?', choices: ['A'], text: said }] } },
  ],
]

test('[MC-7] whatever an agent says, also in an answer, is told as an agent’s, and a person’s words as they are', () => {
  for (const [type, part, told] of spoken) {
    const command = { type, commandId: 'cmd_12345678', ...part } as Command
    expect(asTold(command, agent)).toEqual({ ...command, ...told })
    expect(asTold(command, person)).toEqual(command)
  }
})

test('[MC-7] what holds no words of an agent is left as it is', () => {
  const plain: object[] = [
    { type: 'interrupt' },
    { type: 'decide_permission', decision: { behavior: 'allow', input: { command: 'ls' } } },
    { type: 'decide_permission', decision: { behavior: 'deny' } },
    { type: 'decide_plan', decision: { behavior: 'approve' } },
    { type: 'answer_question', answer: { kind: 'talk' } },
    {
      type: 'answer_question',
      answer: { kind: 'answers', answers: [{ question: 'a?', choices: ['A'] }] },
    },
  ]
  for (const command of plain) expect(asTold(command as Command, agent)).toEqual(command)
})
