import { expect, test } from 'vitest'
import { createFrameReader } from './frames.ts'

const text =
  ': hello\n\nevent: client_event\nid: 7\ndata: {"a":\ndata: 1}\n\n' +
  'event: catch_up_truncated\r\n\r\nevent: catch_up_truncated\n\ndata: keep\n\n'

test.for([1, 2, 3, 7, 50, 500])(
  '[A-33] [A-37] frames are the same however the bytes come, %i at a time, and one without data is not lost',
  (size) => {
    const read = createFrameReader()
    const frames = []
    for (let at = 0; at < text.length; at += size) {
      frames.push(...(read(text.slice(at, at + size)) ?? []))
    }
    expect(frames).toEqual([
      { event: 'client_event', id: '7', data: '{"a":\n1}' },
      { event: 'catch_up_truncated', id: undefined, data: '{}' },
      { event: 'catch_up_truncated', id: undefined, data: '{}' },
      { event: undefined, id: undefined, data: 'keep' },
    ])
  },
)

test('[I6] a frame that does not end is given up on', () => {
  const read = createFrameReader()
  const part = `data: ${'x'.repeat(1_000_000)}\n`
  let parts = 0
  while (read(part) && parts < 100) parts += 1
  expect(parts).toBeLessThan(40)
})

test('[I6] a large frame in small pieces costs its size, not its square', () => {
  const read = createFrameReader()
  const piece = 'x'.repeat(4_096)
  const startMs = performance.now()
  read('event: client_event\ndata: ')
  for (let at = 0; at < 5_000; at += 1) expect(read(piece)?.length).toBe(0)
  expect(read('\n\n')).toHaveLength(1)
  expect(performance.now() - startMs).toBeLessThan(3_000)
})
