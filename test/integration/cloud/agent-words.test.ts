import { agentWords } from '@bellhop/core'
import { expect, test } from 'vitest'
import { startCloudRelay } from '../../support/cloud-relay.ts'
import { startMcpAgent, type ToolAnswer } from '../../support/mcp-agent.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

test('[MC-7] a message of an agent says whose it is, names the session by its words alone, and is known when the worker echoes it', async () => {
  await using rig = await startCloudRelay({ time: createVirtualTime(Date.now()) })
  await using phone = await rig.phone({ limits: { firstMs: 10, maxMs: 50, helloMs: 5_000 } })
  const { id, worker } = rig.seat({ title: '' })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await using agent = await startMcpAgent(rig.running, {
    way: { via: 'http', protocol: '2026-07-28' },
  })
  worker.push({ text: 'Cleared nothing.' })
  let answer: ToolAnswer | undefined
  const args = { sessionId: id, text: '/clear\n\nplease', timeoutS: 30 }
  void agent.call('send_and_wait', args).then((one) => {
    answer = one
  })
  await rig.eventually(() => answer)
  expect(answer?.value).toMatchObject({ outcome: 'finished', reply: 'Cleared nothing.' })
  expect(worker.heard).toEqual([agentWords('desktop', '/clear\n\nplease')])
  await rig.eventually(() => phone.session(id)?.title === '/clear please')
  const persons = phone.rows(id).filter((row) => row.kind === 'person')
  expect(persons).toMatchObject([
    {
      text: '/clear\n\nplease',
      agentName: 'desktop',
      deviceName: 'desktop',
      causedBy: answer?.value.commandId,
    },
  ])
})
