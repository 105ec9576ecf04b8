import { describe, expect, it } from 'vitest'
import { fitPush, PUSH_MAX_BYTES, type PushMessage, parsePushMessage, pushBytes } from './push.ts'

const message = (title: string, body: string, navigate = 'https://desk.shop.dev/#/s/ses_1') =>
  ({
    web_push: 8030,
    notification: {
      title,
      body,
      navigate,
      tag: 'per_1',
      lang: 'en',
      dir: 'auto',
      silent: false,
      renotify: false,
      timestamp: 1_795_000_000_000,
      app_badge: '1',
      data: { kind: 'permission', sessionId: 'ses_1', permissionId: 'per_1' },
      actions: [{ action: 'open', title: 'Review', navigate }],
    },
    app_badge: 1,
    mutable: false,
  }) satisfies PushMessage

describe('fitPush', () => {
  it('[PU-2] leaves alone what fits', () => {
    const small = message('shop-api needs you', 'Run a command?')
    expect(fitPush(small)).toEqual(small)
  })

  it.each([
    ['ascii', 'x'],
    ['two bytes', 'ü'],
    ['three bytes', '漢'],
    ['four bytes in two halves', '🛎'],
    ['what JSON writes as six', '\u0001'],
    ['a quote, which JSON escapes', '"'],
  ])('[PU-2] cuts a body of %s to as much as fits, and no further', (_name, char) => {
    const fitted = fitPush(message('shop-api', char.repeat(6_000)))
    expect(pushBytes(fitted)).toBeLessThanOrEqual(PUSH_MAX_BYTES)
    // One character more would not have fitted.
    const width = pushBytes(message('', char)) - pushBytes(message('', ''))
    expect(pushBytes(fitted)).toBeGreaterThan(PUSH_MAX_BYTES - width)
    expect(fitted.notification.body).toMatch(/…$/)
    expect(fitted.notification.title).toBe('shop-api')
  })

  it.each([0, 1, 2, 3])('[PU-2] never cuts a character in two (shifted by %i)', (shift) => {
    const fitted = fitPush(
      message(`${'x'.repeat(shift)}${'🛎'.repeat(2_000)}`, 'x'.repeat(shift) + '🛎漢'.repeat(3_000)),
    )
    expect(fitted.notification.title.isWellFormed()).toBe(true)
    expect(fitted.notification.body.isWellFormed()).toBe(true)
    expect(parsePushMessage(JSON.parse(JSON.stringify(fitted)))).toEqual(fitted)
  })

  it('[PU-2] cuts the title too when the body is not enough', () => {
    const fitted = fitPush(message('漢'.repeat(3_000), '漢'.repeat(3_000)))
    expect(pushBytes(fitted)).toBeLessThanOrEqual(PUSH_MAX_BYTES)
    expect(fitted.notification.title).toHaveLength(60)
    expect(fitted.notification.body.length).toBeGreaterThan(100)
  })

  it('[PU-2] comes to an end even when nothing can make it fit', () => {
    const long = message('漢'.repeat(100), 'body', `https://desk.shop.dev/${'a'.repeat(5_000)}`)
    expect(fitPush(long).notification.body).toBe('…')
  })
})

describe('parsePushMessage', () => {
  it('[PU-1] reads what is sent and refuses what is not a push', () => {
    expect(parsePushMessage(message('a', 'b'))).toEqual(message('a', 'b'))
    expect(parsePushMessage({ ...message('a', 'b'), web_push: 1 })).toBeUndefined()
    expect(parsePushMessage(null)).toBeUndefined()
    expect(parsePushMessage({ web_push: 8030, notification: { title: 'a' } })).toBeUndefined()
  })
})
