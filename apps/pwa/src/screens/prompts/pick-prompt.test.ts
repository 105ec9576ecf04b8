import type { OpenPermission } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type PromptFacts, type PromptOnScreen, pickPrompt } from './pick-prompt.ts'

const wait = (id: string) => ({ permissionId: id }) as unknown as OpenPermission
const [A, B] = [wait('a'), wait('b')]
const NONE: PromptOnScreen = { is: 'none' }
const facts = (fields: Partial<PromptFacts>): PromptFacts => ({
  waits: [],
  wanted: undefined,
  aside: new Set(),
  answered: () => false,
  underWay: () => false,
  certain: true,
  mayOpen: () => true,
  ...fields,
})

test('the oldest ask that was not put aside comes on the screen, or the one an address named', () => {
  expect(pickPrompt(NONE, facts({ waits: [A, B] }))).toEqual({ is: 'open', wait: A })
  expect(pickPrompt(NONE, facts({ waits: [A, B], aside: new Set(['a']) }))).toEqual({
    is: 'open',
    wait: B,
  })
  expect(pickPrompt(NONE, facts({ waits: [A, B], wanted: 'b' }))).toEqual({ is: 'open', wait: B })
})

test('[I11] an ask that someone else answers turns into that news, and no other takes its place', () => {
  const open: PromptOnScreen = { is: 'open', wait: A }
  expect(pickPrompt(open, facts({ waits: [A, B] }))).toBe(open)
  expect(pickPrompt(open, facts({ waits: [B] }))).toEqual({
    is: 'gone',
    permissionId: 'a',
    wait: A,
  })
})

test('an ask answered from here makes room for the next', () => {
  const open: PromptOnScreen = { is: 'open', wait: A }
  expect(pickPrompt(open, facts({ waits: [B], answered: (id) => id === 'a' }))).toEqual({
    is: 'open',
    wait: B,
  })
  expect(pickPrompt(open, facts({ answered: (id) => id === 'a', wanted: 'a' }))).toEqual(NONE)
})

test('an address to an ask that is over shows what became of it, once that is certain', () => {
  expect(pickPrompt(NONE, facts({ wanted: 'x', certain: false, waits: [A] }))).toEqual(NONE)
  expect(pickPrompt(NONE, facts({ wanted: 'x' }))).toEqual({ is: 'gone', permissionId: 'x' })
})

test('without a connection no ask comes on the screen by itself, but one can be read', () => {
  expect(pickPrompt(NONE, facts({ waits: [A], mayOpen: () => false }))).toEqual(NONE)
  expect(pickPrompt(NONE, facts({ waits: [A], mayOpen: () => false, wanted: 'a' }))).toEqual({
    is: 'open',
    wait: A,
  })
  const open: PromptOnScreen = { is: 'open', wait: A }
  expect(pickPrompt(open, facts({ waits: [A], mayOpen: () => false }))).toBe(open)
})

test('an ask that ends while the own answer is on its way waits for the receipt', () => {
  const open: PromptOnScreen = { is: 'open', wait: A }
  expect(pickPrompt(open, facts({ waits: [B], underWay: (id) => id === 'a' }))).toBe(open)
})

test('putting aside never answers and lets the next come', () => {
  const open: PromptOnScreen = { is: 'open', wait: A }
  expect(pickPrompt(open, facts({ waits: [A], aside: new Set(['a']) }))).toEqual(NONE)
})
