import type { ModelBlock, ModelTurn } from '../../support/model-script.ts'
import type { Chance } from './soak-chance.ts'

/** Words that occur nowhere else, so that what is told can be told apart. */
export interface Marks {
  next(): string
}

export const createMarks = (): Marks => {
  let count = 0
  return { next: () => `m${++count}k` }
}

/** The marks in a text, in their order. */
export const marksIn = (text: string): string[] => text.match(/\bm\d+k\b/g) ?? []

const call = (name: string, input: Record<string, unknown>): ModelBlock => ({
  type: 'tool_use',
  name,
  input,
})

const calls = (
  marks: Marks,
): Record<'read' | 'shell' | 'edit' | 'question' | 'plan', ModelBlock> => ({
  read: call('Read', { file_path: `/srv/shop/${marks.next()}.ts` }),
  shell: call('Bash', { command: `make ${marks.next()}`, description: 'Builds a part' }),
  edit: call('Edit', { file_path: `/srv/${marks.next()}.ts`, old_string: 'a', new_string: 'b' }),
  question: call('AskUserQuestion', {
    questions: [
      {
        question: `Which colour for ${marks.next()}?`,
        header: 'Colour',
        multiSelect: false,
        options: [
          { label: 'Red', description: 'Warm' },
          { label: 'Blue', description: 'Cold' },
        ],
      },
    ],
  }),
  plan: call('ExitPlanMode', { plan: `# ${marks.next()}\n\n1. look\n2. do` }),
})

const weights = { say: 3, read: 3, shell: 5, edit: 3, question: 2, plan: 1, two: 1, slow: 1 }

/** What a model says in one turn: some calls and words, and at last words alone. */
export const scriptTurn = (chance: Chance, marks: Marks): ModelTurn[] => {
  const text = (): ModelBlock => ({ type: 'text', text: `Now ${marks.next()}, as agreed.` })
  const steps = Array.from({ length: chance.between(0, 2) }, (): ModelTurn => {
    const delayMs = chance.between(0, 4_000)
    const step = chance.weighed(weights)
    switch (step) {
      case 'say':
      case 'slow':
        // What is said without a call ends a turn, so a call goes with it.
        return { delayMs, chunkMs: step === 'slow' ? 400 : 0, blocks: [text(), calls(marks).read] }
      case 'two':
        return { delayMs, blocks: [text(), calls(marks).shell, calls(marks).edit] }
      default:
        return { delayMs, blocks: [...(chance.happens(0.5) ? [text()] : []), calls(marks)[step]] }
    }
  })
  const thinking = chance.happens(0.2) ? { thinking: `Hm, ${marks.next()}.` } : {}
  return [...steps, { ...thinking, text: `Done with ${marks.next()}.` }]
}
