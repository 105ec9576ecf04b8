import { createAgentSetup } from './agent-setup.ts'
import { runCli } from './cli/run-cli.ts'
import { createRelay } from './relay.ts'
import { giveBackAfterStart, keepHeapSmall } from './small-heap.ts'

keepHeapSmall()

// The exit code is set rather than forced, so that what is still being written gets out.
process.exitCode = await runCli(process.argv.slice(2), {
  startRelay: async (config, { logger }) => {
    const relay = await createRelay(config, { logger })
    giveBackAfterStart()
    return relay
  },
  agentSetup: createAgentSetup,
  mcpSetup: async () => (await import('./mcp/mcp-setup.ts')).mcpSetup,
})
