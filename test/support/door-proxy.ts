import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Stands before the relay’s door and shows an agent’s token on each call, for programs that cannot.
 * Everything else, the host and the origin with it, goes through as it came.
 */
export const startDoorProxy = async (
  origin: string,
  token: string,
): Promise<AsyncDisposable & { url: string }> => {
  const server = createServer((from, to) => {
    const headers = { ...from.headers, authorization: `Bearer ${token}` }
    const { method, url } = from
    const onward = request(`${origin}${url}`, { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    from.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
