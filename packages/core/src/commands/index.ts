import * as v from 'valibot'
import { answerQuestionCommand } from './answer-question.ts'
import { decidePermissionCommand } from './decide-permission.ts'
import { decidePlanCommand } from './decide-plan.ts'
import { interruptCommand } from './interrupt.ts'
import { promptCommand } from './prompt.ts'
import {
  archiveCommand,
  renameCommand,
  setModelCommand,
  setPermissionModeCommand,
  setThinkingCommand,
} from './settings.ts'

/** Every command, by its type on the wire, with the scope and capability it needs. */
export const COMMANDS = {
  prompt: promptCommand,
  interrupt: interruptCommand,
  decide_permission: decidePermissionCommand,
  answer_question: answerQuestionCommand,
  decide_plan: decidePlanCommand,
  set_model: setModelCommand,
  set_permission_mode: setPermissionModeCommand,
  set_thinking: setThinkingCommand,
  rename: renameCommand,
  archive: archiveCommand,
} as const

export const commandSchema = v.variant('type', [
  promptCommand.schema,
  interruptCommand.schema,
  decidePermissionCommand.schema,
  answerQuestionCommand.schema,
  decidePlanCommand.schema,
  setModelCommand.schema,
  setPermissionModeCommand.schema,
  setThinkingCommand.schema,
  renameCommand.schema,
  archiveCommand.schema,
])
export type { CommandRule } from './rules.ts'
export type Command = v.InferOutput<typeof commandSchema>
export type CommandType = Command['type']
export type CommandOf<Type extends CommandType> = Extract<Command, { type: Type }>

/** The commands that answer a permission, and so must name one and what was shown of it. */
export type AnswerCommand = Extract<Command, { permissionId: string }>
export const isAnswer = (command: Command): command is AnswerCommand => 'permissionId' in command
