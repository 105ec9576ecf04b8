import { expect, test } from 'vitest'
import { addressOf, readPush } from './read-push.ts'

const ORIGIN = 'https://desk.example.ts.net'
const MESSAGE = {
  web_push: 8030,
  notification: {
    title: 'shop-api needs you',
    body: 'Run a command?',
    navigate: `${ORIGIN}/#/s/ses_a/per_b`,
    tag: 'per_b',
    silent: false,
    actions: [{ action: 'open', title: 'Review', navigate: `${ORIGIN}/#/s/ses_a/per_b` }],
  },
  app_badge: 3,
}

test('[PU-1] a declarative push is shown with its title, body, tag, badge and buttons', () => {
  const shown = readPush(JSON.stringify(MESSAGE))
  expect(shown).toMatchObject({
    title: 'shop-api needs you',
    badge: 3,
    options: {
      body: 'Run a command?',
      tag: 'per_b',
      actions: [{ action: 'open', title: 'Review' }],
    },
  })
})

test('a push that cannot be read still shows something', () => {
  for (const body of ['', 'nonsense', '[]', '{"notification":7}'])
    expect(readPush(body)).toMatchObject({ title: 'Bellhop', badge: undefined })
})

test('a tap leads to its own address, and never out of the app', () => {
  const { data } = readPush(JSON.stringify(MESSAGE)).options
  expect(addressOf(data, '', ORIGIN)).toBe(`${ORIGIN}/#/s/ses_a/per_b`)
  expect(addressOf(data, 'open', ORIGIN)).toBe(`${ORIGIN}/#/s/ses_a/per_b`)
  expect(addressOf({ address: 'https://evil.example/#/s/x' }, '', ORIGIN)).toBe(`${ORIGIN}/`)
  expect(addressOf(undefined, '', ORIGIN)).toBe(`${ORIGIN}/`)
})

test('[PU-1] a repeat makes a sound only when the relay says that it is news, and tells its true time', () => {
  const of = (fields: object) =>
    readPush(JSON.stringify({ ...MESSAGE, notification: { ...MESSAGE.notification, ...fields } }))
      .options
  expect(of({ renotify: true, timestamp: 5 })).toMatchObject({ renotify: true, timestamp: 5 })
  expect(of({ renotify: false })).toMatchObject({ renotify: false })
  expect(of({ tag: '', renotify: true })).not.toHaveProperty('renotify')
})
