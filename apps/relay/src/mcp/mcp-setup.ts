import { addAgent, agentToken, listAgents, removeAgent, setAgent } from './agents.ts'
import { installClient } from './client-config.ts'
import { serveAgent } from './serve.ts'

/** What the command line can do for agents that use the relay over MCP. */
export const mcpSetup = {
  serve: serveAgent,
  add: addAgent,
  list: listAgents,
  token: agentToken,
  set: setAgent,
  remove: removeAgent,
  installClient,
}
