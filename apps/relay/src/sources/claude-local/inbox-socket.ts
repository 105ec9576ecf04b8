/** Hands a message to a session's own inbox, where it arrives as one from another session. */
import { createConnection } from 'node:net'
import { RelayError } from '@bellhop/core'

const sendTimeoutMs = 5_000

export interface InboxMessage {
  messageId: string
  text: string
  /** As the session names the sender. */
  fromName: string
}

const attribute = (text: string) => text.replaceAll(/[^\w .-]/g, '').slice(0, 60) || 'phone'

/** Text that cannot end or open the wrapper it travels in. */
const inner = (text: string) => text.replaceAll(/<(\/?cross-session-message)/g, '‹$1')

/** Resolves once the session's process has the message. Rejects with `source_unreachable`. */
export function sendToInbox(socketPath: string, message: InboxMessage): Promise<void> {
  const from = 'uds:bellhop'
  const opening = `<cross-session-message from="${from}" from-name="${attribute(message.fromName)}" from-mode="prompting">`
  const content = `${opening}\n${inner(message.text)}\n</cross-session-message>`
  const line = {
    msgV: 1,
    msg_id: message.messageId,
    type: 'user',
    message: { role: 'user', content },
    priority: 'next',
    from,
  }
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath)
    const fail = (cause?: unknown) => {
      socket.destroy()
      reject(new RelayError('source_unreachable', { through: 'inbox' }, cause))
    }
    socket.setTimeout(sendTimeoutMs, fail)
    socket.once('error', fail)
    socket.end(`${JSON.stringify(line)}\n`, () => {
      socket.setTimeout(0)
      resolve()
    })
    socket.resume()
  })
}
