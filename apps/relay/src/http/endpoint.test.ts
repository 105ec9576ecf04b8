import { type Access, ENDPOINTS, type Endpoint } from '@bellhop/core'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Authenticate } from '../devices/authenticate.ts'
import { type Handlers, type HttpEnv, mountEndpoints } from './endpoint.ts'
import { createOrigins } from './origins.ts'

const origins = createOrigins(() => [])
const admitAll: Authenticate = async (access, call) => {
  const body = await call.readBody()
  return access === 'public'
    ? { who: 'anyone', body }
    : ({ who: 'device', body, principal: {}, tokenExpiresAtMs: 0 } as never)
}

const mount = (
  endpoint: Partial<Endpoint>,
  options: { run?: (call: unknown) => unknown; authenticate?: Authenticate; limits?: object } = {},
) => {
  const app = new Hono<HttpEnv>()
  app.onError((error) => new Response(String((error as { code?: string }).code ?? error.name)))
  const whole = { ...ENDPOINTS.presence, ...endpoint } as Endpoint
  const handlers = { one: options.run ?? (() => ({ ok: true })) } as unknown as Handlers
  mountEndpoints(
    app,
    handlers,
    {
      authenticate: options.authenticate ?? admitAll,
      origins,
      limits: options.limits ?? {},
      checkAnswers: true,
    },
    { one: whole },
  )
  return async (body?: string | Uint8Array<ArrayBuffer>) => {
    const init = { method: whole.method, ...(body !== undefined && { body }) }
    return (await app.request(whole.path, init, {})).text()
  }
}

const GOOD = JSON.stringify({ visible: true, sessionId: null, shown: null })

test('[I10] an endpoint without an access it is known by cannot be mounted', () => {
  for (const access of [undefined, '', 'anyone', 'root', null]) {
    expect(() => mount({ access: access as never as Access })).toThrow(TypeError)
  }
  mount({ access: 'watch' })
})

test('[I10] every endpoint of core names an access, and only health is for everyone', () => {
  const open = Object.entries(ENDPOINTS).filter(([, { access }]) => access === 'public')
  expect(open.map(([name]) => name)).toEqual(['health'])
})

test('[I10] the access is asked for before the body is read, and a refusal runs nothing', async () => {
  let ran = 0
  const call = mount(
    {},
    {
      run: () => ran++,
      authenticate: () => Promise.reject(Object.assign(new TypeError(), { code: 'not_paired' })),
    },
  )
  expect(await call('x'.repeat(300_000))).toBe('not_paired')
  expect(ran).toBe(0)
})

test('[EP-1] an endpoint that nobody answers for, or that is limited unsaid, cannot be mounted', () => {
  expect(() =>
    mountEndpoints(new Hono(), {} as Handlers, {
      authenticate: admitAll,
      origins,
      limits: {},
      checkAnswers: true,
    }),
  ).toThrow(TypeError)
  expect(() => mount({}, { limits: { one: { take: () => {} } } })).toThrow(TypeError)
})

test('[HT-4] what the endpoint does not take is refused before it runs', async () => {
  let ran = 0
  const run = () => {
    ran += 1
    return { ok: true }
  }
  const call = mount({}, { run })
  for (const body of ['', '{', 'null', '[]', '"x"', '{"visible":1}', GOOD.slice(1), '\u0000']) {
    expect(await call(body), body).toBe('invalid_request')
  }
  const notText = new TextEncoder().encode(GOOD.replace('}', ',"x":"?"}'))
  notText[notText.indexOf(0x3f)] = 0xff
  expect(await call(notText)).toBe('invalid_request')
  expect(ran).toBe(0)
  expect(await call(GOOD)).toBe('{"ok":true}')
  const bare = mount({ request: null })
  expect(await bare('{}')).toBe('invalid_request')
  expect(await bare('')).toBe('{"ok":true}')
})

test('[HT-4] a body over the limit is refused, however its length is announced', async () => {
  const call = mount({})
  expect(await call(`{"x":"${'a'.repeat(256 * 1024)}"}`)).toBe('body_too_large')
  expect(await call(`{"x":"${'a'.repeat(200 * 1024)}"}`)).toBe('invalid_request')
})

test('[EP-1] in tests an answer that is not what core promises is our error', async () => {
  expect(await mount({}, { run: () => ({ ok: 'yes' }) })(GOOD)).toBe('TypeError')
})
