import type { AddSessionOptions, SessionRow } from './types.ts'

const environmentKinds = { terminal: 'bridge', server: 'bridge', cloud: 'anthropic_cloud' } as const

/** The row of a session that has just begun. */
export const startingRow = (id: string, now: string, options: AddSessionOptions): SessionRow => {
  const { kind = 'terminal', cwd = '/home/ada/shop-api', model = 'claude-opus-5-5' } = options
  return {
    id,
    title: options.title ?? 'Shop api',
    status: 'active',
    status_bucket: 'idle',
    worker_status: 'idle',
    connection_status: 'connected',
    environment_id: kind === 'terminal' ? '' : `env_01${kind}`,
    environment_kind: environmentKinds[kind],
    config: { model, cwd, sources: [], outcomes: [], origin: 'claude_code_cli' },
    external_metadata: { model, permission_mode: 'default', effort_level: 'medium' },
    created_at: now,
    updated_at: now,
    last_event_at: now,
    user_message_count: '0',
    unread: false,
    tags: kind === 'terminal' ? ['remote-control-repl'] : [],
    ...options.row,
  }
}
