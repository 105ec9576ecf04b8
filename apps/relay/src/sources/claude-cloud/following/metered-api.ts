import type { CloudApi, OlderApi } from '../cloud-api.ts'
import type { AccountHealth, Area } from './account-health.ts'

/** The same calls, counted, with how each went told to the account’s health. */
export const meterApi = (api: CloudApi, health: AccountHealth): CloudApi => {
  const { call, follow } = meter(health)
  return {
    list: (range, signal) => call('list', () => api.list(range, signal)),
    row: (suffix, signal) => call('list', () => api.row(suffix, signal)),
    watch: (token, signal) => follow('list', () => api.watch(token, signal), 'absent'),
    events: (suffix, range, signal) => call('session', () => api.events(suffix, range, signal)),
    stream: (suffix, after, signal) => follow('session', () => api.stream(suffix, after, signal)),
    send: (suffix, payloads, signal) => call('session', () => api.send(suffix, payloads, signal)),
    rename: (suffix, title, signal) => call('session', () => api.rename(suffix, title, signal)),
    archive: (suffix, signal) => call('session', () => api.archive(suffix, signal)),
    markRead: (suffix, signal) => call('session', () => api.markRead(suffix, signal)),
    environments: (signal) => call('session', () => api.environments(signal)),
    create: (request, signal) => call('session', () => api.create(request, signal)),
  }
}

export const meterOlder = (older: OlderApi, health: AccountHealth): OlderApi => {
  const { call, follow } = meter(health)
  return {
    list: (signal) => call('list', () => older.list(signal)),
    events: (suffix, range, signal) => call('session', () => older.events(suffix, range, signal)),
    subscribe: (suffix, signal) => follow('session', () => older.subscribe(suffix, signal)),
    send: (suffix, payloads, signal) => call('session', () => older.send(suffix, payloads, signal)),
    rename: (suffix, title, signal) => call('session', () => older.rename(suffix, title, signal)),
    archive: (suffix, signal) => call('session', () => older.archive(suffix, signal)),
  }
}

const meter = (health: AccountHealth) => ({
  call: async <Result>(area: Area, make: () => Promise<Result>): Promise<Result> => {
    health.called()
    try {
      const result = await make()
      health.worked(area)
      return result
    } catch (error) {
      health.failed(area, error)
      throw error
    }
  },
  follow: async function* <Item>(
    area: Area,
    open: () => AsyncIterable<Item>,
    harmless?: 'absent',
  ): AsyncGenerator<Item> {
    health.called()
    try {
      for await (const item of open()) {
        health.worked(area)
        yield item
      }
    } catch (error) {
      const isHarmless = error instanceof Error && 'kind' in error && error.kind === harmless
      if (!isHarmless) health.failed(area, error)
      throw error
    }
  },
})
