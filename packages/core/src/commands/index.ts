import * as v from 'valibot'
import { answerQuestionCommand } from './answer-question.ts'
import { decidePermissionCommand } from './decide-permission.ts'
import { decidePlanCommand } from './decide-plan.ts'
import { interruptCommand } from './interrupt.ts'
import { promptCommand } from './prompt.ts'

/** Every command, by its type on the wire, with the scope and capability it needs. */
export const COMMANDS = {
  prompt: promptCommand,
  interrupt: interruptCommand,
  decide_permission: decidePermissionCommand,
  answer_question: answerQuestionCommand,
  decide_plan: decidePlanCommand,
} as const

export const commandSchema = v.variant('type', [
  promptCommand.schema,
  interruptCommand.schema,
  decidePermissionCommand.schema,
  answerQuestionCommand.schema,
  decidePlanCommand.schema,
])
export type Command = v.InferOutput<typeof commandSchema>
export type CommandType = Command['type']
export type CommandOf<Type extends CommandType> = Extract<Command, { type: Type }>

/** The commands that answer a permission, and so must name one and what was shown of it. */
export type AnswerCommand = Extract<Command, { permissionId: string }>
export const isAnswer = (command: Command): command is AnswerCommand => 'permissionId' in command

/** How far a command got. `pending`: taken by the relay, the source has not said yet. [CM-5] */
export const receiptSchema = v.object({
  commandId: promptCommand.schema.entries.commandId,
  state: v.picklist(['pending', 'done', 'refused']),
  code: v.optional(v.pipe(v.string(), v.maxLength(60))),
  text: v.optional(v.pipe(v.string(), v.maxLength(8_000))),
})
export type Receipt = v.InferOutput<typeof receiptSchema>
