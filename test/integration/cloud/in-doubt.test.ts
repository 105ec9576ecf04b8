import { newCommandId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { startCloudRelay } from '../../support/cloud-relay.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const start = async () => {
  const rig = await startCloudRelay({ time: createVirtualTime(Date.now()) })
  const phone = await rig.phone()
  const { id, session, worker } = rig.seat()
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  return { rig, phone, id, session, worker }
}

test('[CM-8] [A-43] a message that got there though no answer came is not called refused, and is told once it is heard of', async () => {
  const { rig, phone, id, session, worker } = await start()
  await using _rig = rig
  await using _phone = phone
  worker.goAway()
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', path: /events$/ })
  const receipt = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Mend it' })
  expect(receipt).toMatchObject({
    state: 'unconfirmed',
    text: expect.stringMatching(/may have been done all the same: look before you try again\.$/),
  })
  rig.api.faults.clear()
  worker.push({ text: 'Mended.' })
  worker.comeBack()
  await rig.eventually(() => phone.session(id)?.lastLine === 'Mended.')
  expect(worker.heard).toEqual(['Mend it'])
  const stored = session.sent.filter(
    ({ payload, duplicate }) => payload.type === 'user' && !duplicate,
  )
  expect(stored).toHaveLength(1)
  const said = phone.rows(id).filter((row) => row.kind === 'person')
  expect(said).toMatchObject([{ text: 'Mend it', causedBy: receipt.commandId }])
  const stages = phone.events.flatMap((event) =>
    event.type === 'command.progressed' && event.commandId === receipt.commandId ? event.stage : [],
  )
  expect(stages.at(-1)).toBe('processed')
})

test('[CM-8] [A-88] a start nobody answered is refused in words that send its person to the list first', async () => {
  const { rig, phone } = await start()
  await using _rig = rig
  await using _phone = phone
  const places = phone.client.call('places', null)
  const isThere = await rig.eventually(async () => (await places).places)
  const place = isThere.find(({ takesRepository }) => takesRepository)
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', path: /\/v1\/code\/sessions$/ })
  let refused: unknown
  phone.client
    .call('start', {
      commandId: newCommandId(),
      placeId: place?.placeId as NonNullable<typeof place>['placeId'],
      text: 'Fix the tests',
      repository: 'ada/shop',
    })
    .catch((error: unknown) => {
      refused = error
    })
  await rig.eventually(() => refused, { withinMs: 60_000 })
  expect(refused).toMatchObject({
    code: 'source_unreachable',
    message: expect.stringMatching(/may have been done all the same/),
  })
})
