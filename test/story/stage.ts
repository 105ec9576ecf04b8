import type { ModelTurn } from '../support/model-script.ts'

/** Where the story’s session runs: an agent, its model, and the person at its desk. */
export interface Stage extends AsyncDisposable {
  /** As the test’s title says it. */
  readonly name: string
  /** A folder of its own, for the relay’s data and whatever else. */
  readonly folder: string
  /** What the relay is started with, beside where its data goes. */
  readonly env: Readonly<Record<string, string>>
  readonly relayArgs: readonly string[]
  /** Whether a call can be changed before it is allowed. */
  readonly canEdit: boolean
  /** Whether words come while they are being said, not only when they are whole. */
  readonly speaksLive: boolean
  /** The credentials of the account, which may stand nowhere. */
  readonly secrets: readonly string[]
  /** Sets the agent up for a relay that will keep its data there. */
  prepare(dataDir: string): Promise<void>
  /** Starts the session. */
  open(): Promise<void>
  /** What the model says next, one for each time it is asked. */
  model(...turns: ModelTurn[]): void
  /** The person says something at the desk. */
  say(words: string): Promise<void>
  /** Whether the agent has run `touch <name>`. */
  touched(name: string): boolean
  /** Whether a script called `hello` of the project can be run, and how that asks for leave. */
  offerScript(): Promise<void>
  /** The person at the desk allows what is asked there. */
  allowAtDesk(name: string): Promise<void>
  enterPlanMode(): Promise<void>
  /** Resolves when the desk still shows the prompt, as if there were no relay. */
  stillAsksAtDesk(): Promise<void>
  /** What was put before the model last, as text. */
  toTheModel(): string
  /** What the model was told as the person’s own words, last. */
  lastWords(): string
  /** What stands on the desk’s screen, for whoever looks into a failure. */
  screen(): Promise<string>
}
