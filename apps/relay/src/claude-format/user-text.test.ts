import { expect, test } from 'vitest'
import { readUserText } from './user-text.ts'

test.each([
  [
    '<command-name>/model</command-name>\n<command-args>opus</command-args>',
    { kind: 'note', text: '/model opus', tone: 'plain' },
  ],
  [
    '<local-command-stderr>no</local-command-stderr>',
    { kind: 'note', text: 'no', tone: 'warning' },
  ],
  [
    '<local-command-stdout>\u001b[1mbold\u001b[0m</local-command-stdout>',
    { kind: 'note', text: 'bold', tone: 'plain' },
  ],
  ['<local-command-stdout></local-command-stdout>', { kind: 'nothing' }],
  ['<system-reminder>x</system-reminder>', { kind: 'nothing' }],
  ['[Request interrupted by user for tool use]', { kind: 'interrupted' }],
  ['<div>my own words</div>', { kind: 'words', text: '<div>my own words</div>' }],
])('%j is read as what it is', (text, meaning) => {
  expect(readUserText(text)).toEqual(meaning)
})
