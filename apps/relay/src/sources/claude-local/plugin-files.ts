/**
 * The files of the plugin that lets sessions talk to the relay: what each says, as text.
 *
 * The plugin is read in place by Claude Code, from a folder that is its own marketplace.
 */
export const pluginName = 'bellhop'
export const pluginId = `${pluginName}@${pluginName}`

// Raised when a change needs a session to load the plugin anew.
const pluginVersion = '1.0.0'
const serverName = 'relay'
const quickTimeoutSeconds = 5
const heldTimeoutSeconds = 86_400

const commonFields = [
  'session_id',
  'transcript_path',
  'cwd',
  'hook_event_name',
  'prompt_id',
  'permission_mode',
  'agent_id',
  'agent_type',
]

/** The hooks the plugin listens to, with the fields each passes on beside the common ones. */
const hookFields: Readonly<Record<string, readonly string[]>> = {
  UserPromptSubmit: ['prompt'],
  MessageDisplay: ['turn_id', 'message_id', 'index', 'final', 'delta'],
  PreToolUse: ['tool_name', 'tool_input', 'tool_use_id'],
  PostToolUse: ['tool_name', 'tool_use_id'],
  PostToolUseFailure: ['tool_name', 'tool_use_id'],
  PermissionRequest: ['tool_name', 'tool_input', 'permission_suggestions'],
  PermissionDenied: ['tool_name', 'tool_input', 'tool_use_id', 'reason'],
  Stop: ['background_tasks'],
  StopFailure: ['error', 'error_details', 'last_assistant_message'],
  SubagentStart: [],
  SubagentStop: [],
}

function hookEntry(event: string, fields: readonly string[]) {
  // There is no placeholder for a hook's whole input, so the fields are listed.
  const input = Object.fromEntries(
    [...commonFields, ...fields].map((name) => [name, `\${${name}}`]),
  )
  const timeout = event === 'PermissionRequest' ? heldTimeoutSeconds : quickTimeoutSeconds
  const server = `plugin:${pluginName}:${serverName}`
  return [{ hooks: [{ type: 'mcp_tool', server, tool: 'hook', input, timeout }] }]
}

/**
 * Starts the connector; arguments are the Node to use, the connector and the data folder. Where
 * either is gone it answers every hook with "nothing to say" itself, because a server that does not
 * answer shows as an error in the session's terminal at every hook.
 */
export const connectorLauncher = `for node in "$1" node; do
  if [ -f "$2" ] && command -v "$node" >/dev/null 2>&1; then exec "$node" "$2" "$3"; fi
done
while IFS= read -r line; do
  case "$line" in
    '{"jsonrpc":"2.0","id":'*) id=\${line#'{"jsonrpc":"2.0","id":'}; id=\${id%%,*} ;;
    *',"id":'*'}') id=\${line##*',"id":'}; id=\${id%'}'} ;;
    *) continue ;;
  esac
  case "$line" in
    *'"method":"initialize"'*) r='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"bellhop","version":"1"}}' ;;
    *'"method":"tools/list"'*) r='{"tools":[]}' ;;
    *'"method":"tools/call"'*) r='{"content":[{"type":"text","text":"{}"}]}' ;;
    *'"method":"ping"'*) r='{}' ;;
    *) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"not known here"}}\\n' "$id"; continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$id" "$r"
done`

export interface PluginFileOptions {
  nodePath: string
  connectorPath: string
  dataDir: string
}

/** File contents by path relative to the marketplace folder. */
export function pluginFiles(options: PluginFileOptions): Record<string, string> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  const description =
    'Lets a paired phone watch and answer this session through your Bellhop relay.'
  const { nodePath, connectorPath, dataDir } = options
  const args = ['-c', connectorLauncher, 'bellhop', nodePath, connectorPath, dataDir]
  const hooks = Object.entries(hookFields).map(([event, fields]) => [
    event,
    hookEntry(event, fields),
  ])
  return {
    '.claude-plugin/marketplace.json': json({
      name: pluginName,
      owner: { name: 'Bellhop' },
      plugins: [{ name: pluginName, source: `./${pluginName}`, description }],
    }),
    [`${pluginName}/.claude-plugin/plugin.json`]: json({
      name: pluginName,
      version: pluginVersion,
      description,
    }),
    [`${pluginName}/hooks/hooks.json`]: json({ hooks: Object.fromEntries(hooks) }),
    [`${pluginName}/.mcp.json`]: json({ mcpServers: { [serverName]: { command: 'sh', args } } }),
  }
}
