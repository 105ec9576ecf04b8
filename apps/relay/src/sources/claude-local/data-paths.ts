import { join } from 'node:path'

/** Where this source keeps its things inside the relay's data folder. */
export const dataPaths = (dataDir: string) => ({
  marketplace: join(dataDir, 'plugin'),
  connector: join(dataDir, 'plugin', 'connector.mjs'),
  heldHook: join(dataDir, 'plugin', 'held-hook.mjs'),
  /** What the plugin's installation must remember to be undone cleanly. */
  installRecord: join(dataDir, 'plugin', 'install.json'),
  /** One empty file per adopted process, named after its id. */
  adopted: join(dataDir, 'adopted'),
  /** Stands as long as the marked entry may stand in the settings. */
  adoptionEntry: join(dataDir, 'adopted', 'entry'),
  askRules: join(dataDir, 'ask-rules.json'),
  ingressSocket: join(dataDir, 'ingress.sock'),
  /** Holds the socket's real place when the usual one is too long a path for a socket. */
  ingressPath: join(dataDir, 'ingress.path'),
})
