export type ShownPush = { title: string; options: NotificationOptions; badge: number | undefined }

type Fields = Record<string, unknown>
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * What to show for a push, from its Declarative Web Push JSON. Reads it loosely: whatever of it is usable is used, and
 * something that cannot be read at all still becomes a notification.
 */
export function readPush(body: string): ShownPush {
  const message = fields(parse(body))
  const given = fields(message.notification)
  const actions = Array.isArray(given.actions) ? given.actions.map(fields) : []
  const count = Number(message.app_badge ?? given.app_badge ?? Number.NaN)
  const tag = text(given.tag)
  const options = {
    body: text(given.body) ?? 'Open Bellhop to see what it is.',
    icon: '/icons/icon-192.png',
    badge: '/icons/badge-96.png',
    lang: 'en',
    silent: given.silent === true,
    // A repeat replaces the one before it in silence unless the relay says that it is news.
    ...(tag && { tag, renotify: given.renotify === true }),
    ...(typeof given.timestamp === 'number' && { timestamp: given.timestamp }),
    data: {
      address: text(given.navigate),
      actions: Object.fromEntries(
        actions.map((action) => [text(action.action) ?? '', text(action.navigate)]),
      ),
    },
    actions: actions.flatMap((action) => {
      const name = text(action.action)
      const title = text(action.title)
      return name && title ? [{ action: name, title }] : []
    }),
  }
  return {
    title: text(given.title) ?? 'Bellhop',
    options,
    badge: Number.isInteger(count) && count >= 0 ? count : undefined,
  }
}

/** Where a tap leads: the button's own address, else the notification's; never out of this app. */
export function addressOf(data: unknown, action: string, origin: string): string {
  const given = fields(data)
  const wanted = text(fields(given.actions)[action]) ?? text(given.address) ?? '/'
  const url = URL.canParse(wanted, origin) ? new URL(wanted, origin) : undefined
  return url?.origin === origin ? url.href : `${origin}/`
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
