import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the benchmark’s own that does what it is asked. */
export interface Child<Order> extends AsyncDisposable {
  ask<Answer>(order: Order): Promise<Answer>
}

/** Starts a file beside this one; it says when it is ready, and ends when it is told to stop. */
export const startChild = async <Order extends { do: string }>(
  file: string,
  stop: Order,
): Promise<Child<Order>> => {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)))
  const waiting = new Map<number, (answer: unknown) => void>()
  let orders = 0
  await once(child, 'message')
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  return {
    ask: <Answer>(order: Order) => {
      const id = ++orders
      child.send({ id, order })
      return new Promise<Answer>((resolve) => waiting.set(id, resolve as (answer: unknown) => void))
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.send({ id: ++orders, order: stop })
      await ended
    },
  }
}
