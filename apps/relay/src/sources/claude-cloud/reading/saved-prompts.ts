import { fieldsOf, listOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import type { Asked } from './open-prompts.ts'

/** Reads prompts as they were saved; what has another shape is as good as none. */
export function parsePrompts(saved: unknown): {
  open: Asked[]
  over: [string, { atMs?: number; times: number }][]
} {
  const fields = fieldsOf(saved) ?? {}
  const open = listOf(fields.open).flatMap((value) => {
    const asked = fieldsOf(value)
    const prompt = fieldsOf(asked?.prompt)
    const isWhole =
      textOf(asked?.at) &&
      textOf(prompt?.permissionId) &&
      textOf(prompt?.requestId) &&
      textOf(prompt?.toolName) &&
      fieldsOf(prompt?.ask) &&
      fieldsOf(prompt?.input) &&
      Array.isArray(prompt?.suggestions) &&
      Array.isArray(asked?.toldIn)
    if (!isWhole) return []
    const { answer, ...rest } = asked as unknown as Asked
    const isAnswer =
      textOf(answer?.uuid) && fieldsOf(answer?.actor) && textOf(fieldsOf(answer?.resolved)?.outcome)
    return [{ ...rest, ...(answer && isAnswer && { answer }) }]
  })
  const over = listOf(fields.over).flatMap((value) => {
    const [requestId, about] = listOf(value)
    const atMs = numberOf(fieldsOf(about)?.atMs)
    const times = numberOf(fieldsOf(about)?.times) ?? 0
    const entry = { times, ...(atMs !== undefined && { atMs }) }
    return textOf(requestId) ? [[requestId as string, entry] as [string, typeof entry]] : []
  })
  return { open, over }
}
