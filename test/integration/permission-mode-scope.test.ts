import { newCommandId, type SourceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

test('[CM-2] how much a session asks is for those to say who may answer it', async () => {
  await using running = await startRelay()
  const { source, relay } = running
  source.places = async () => [
    {
      placeId: 'plc_desk' as never,
      sourceId: 'scripted' as SourceId,
      title: 'desk',
      takesRepository: false,
      repositories: [],
      choices: {},
    },
  ]
  source.startSession = async () => source.start('made')
  const pairUrl = async (scopes: ('watch' | 'drive' | 'answer')[]) =>
    (await relay.pairing.offer({ confirm: false, scopes })).pairUrl
  await using driver = await running.phone({ pairUrl: await pairUrl(['watch', 'drive']) })
  await using owner = await running.phone({ pairUrl: await pairUrl(['watch', 'drive', 'answer']) })
  const capabilities = ['set_permission_mode', 'set_model']
  const sessionId = await source.start('shop', { capabilities })
  await until(() => driver.session(sessionId) && owner.session(sessionId))

  const mode = { type: 'set_permission_mode', sessionId, mode: 'dontAsk' } as const
  await expect(driver.send(mode)).rejects.toMatchObject({ code: 'scope_missing' })
  expect(source.performed).toEqual([])
  expect(await owner.send(mode)).toMatchObject({ state: 'done' })
  expect(await driver.send({ type: 'set_model', sessionId, model: 'sonnet' })).toMatchObject({
    state: 'done',
  })

  const start = { placeId: 'plc_desk', text: 'go' }
  const withMode = { ...start, permissionMode: 'dontAsk' }
  const refused = driver.client.call('start', { ...withMode, commandId: newCommandId() })
  await expect(refused).rejects.toMatchObject({ code: 'scope_missing' })
  await driver.client.call('start', { ...start, commandId: newCommandId() })
  await owner.client.call('start', { ...withMode, commandId: newCommandId() })
})
