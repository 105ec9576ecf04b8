import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { addSourceNote, newTelling } from './telling.ts'

test('[I12] [I8] what is carried as it came is carried without the tokens in it', () => {
  const telling = newTelling('ses_cloud-01Abc' as SessionId, '2026-11-21T09:00:00.000Z')
  const variables = { TOKEN: 'sk-ant-oat01-abcdefgh_ijkl-mnop', PATH: '/usr/bin' }
  addSourceNote(telling, { text: 'New', raw: { type: 'new', variables }, key: 'k' })
  expect(telling.drafts).toMatchObject([
    { raw: '{"type":"new","variables":{"TOKEN":"••••","PATH":"/usr/bin"}}' },
  ])
})
