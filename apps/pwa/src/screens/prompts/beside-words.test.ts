import { expect, test } from 'vitest'
import { besideWords } from './beside-words.ts'

test('[I11] a change that is made everywhere in a file is not shown as one place of it', () => {
  const edit = { before: 'a', after: 'b' }
  const tool = { kind: 'edit', name: 'Edit', path: '/a', edits: [edit] } as const
  expect(besideWords({ ...tool, edits: [edit] })).toBe('The change')
  expect(besideWords({ ...tool, edits: [edit, { ...edit, everywhere: true }] })).toMatch(/every/)
  expect(besideWords({ kind: 'shell', name: 'Bash', command: 'ls' })).toBeUndefined()
})
