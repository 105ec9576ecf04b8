import { describe, expect, it } from 'vitest'
import { createEndpointPolicy } from './endpoint-policy.ts'

const refused = expect.objectContaining({ code: 'push_endpoint_refused' })
const codeOf = (check: () => unknown) => {
  try {
    check()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the endpoint policy', () => {
  const policy = createEndpointPolicy()

  it.each([
    ['https://fcm.googleapis.com/fcm/send/abc:def'],
    ['https://fcm.googleapis.com/wp/abc'],
    ['https://FCM.googleapis.com:443/wp/abc'],
    ['https://web.push.apple.com/QGx'],
    ['https://updates.push.services.mozilla.com/wpush/v2/gAAA'],
    ['https://autopush.stage.push.services.mozilla.com/wpush/v2/gAAA'],
    ['https://wns2-db5p.notify.windows.com/w/?token=abc'],
  ])('[PU-6] lets through %s', (endpoint) => {
    expect(policy.check(endpoint).protocol).toBe('https:')
  })

  it.each([
    ['http://fcm.googleapis.com/fcm/send/abc'],
    ['https://fcm.googleapis.com:8443/fcm/send/abc'],
    ['https://name@fcm.googleapis.com/fcm/send/abc'],
    ['https://name:secret@fcm.googleapis.com/fcm/send/abc'],
    ['https://fcm.googleapis.com@evil.test/'],
    ['https://fcm.googleapis.com.evil.test/fcm/send/abc'],
    ['https://fcm.googleapis.com./fcm/send/abc'],
    ['https://evil.test/#fcm.googleapis.com'],
    ['https://evil.test/?https://fcm.googleapis.com/'],
    ['https://evil.test\\.push.apple.com/'],
    ['https://notpush.apple.com/abc'],
    ['https://push.apple.com/abc'],
    ['https://web.push.apple.com.evil.test/abc'],
    ['https://evilpush.apple.com.evil.test/abc'],
    ['https://notify.windows.com/w'],
    ['https://xn--fcm-googleapis-com.test/'],
    ['https://142.250.1.95/fcm/send/abc'],
    ['https://[::1]/fcm/send/abc'],
    ['https://127.0.0.1:8787/v1/devices'],
    ['http://169.254.169.254/latest/meta-data'],
    ['https://localhost/'],
    ['file:///etc/passwd'],
    ['ftp://fcm.googleapis.com/'],
    ['fcm.googleapis.com/fcm/send/abc'],
    [''],
  ])('[PU-6] refuses %s', (endpoint) => {
    expect(codeOf(() => policy.check(endpoint))).toEqual(refused)
  })

  it('[PU-6] lets an extra host through by its exact name and port', () => {
    const own = createEndpointPolicy({ extraHosts: ['127.0.0.1:4455', 'push.shop.test'] })
    expect(own.check('http://127.0.0.1:4455/push/1').port).toBe('4455')
    expect(own.check('https://push.shop.test/1').host).toBe('push.shop.test')
    for (const endpoint of [
      'http://127.0.0.1:4456/push/1',
      'http://push.shop.test/1',
      'https://a.push.shop.test/1',
      'https://push.shop.test:8443/1',
      'http://name@127.0.0.1:4455/push/1',
      'ftp://127.0.0.1:4455/push/1',
    ]) {
      expect(codeOf(() => own.check(endpoint))).toEqual(refused)
    }
  })
})
