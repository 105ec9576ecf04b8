/** How this source spends calls, lines and memory, in one place. [I6] */
export const LIMITS = {
  /** Rows of one page of the list. */
  listPage: 100,
  /** Sessions that are known at once; older ones are left out and said to be. */
  sessions: 1_000,
  /** Rows taken in at the same time. */
  rowsAtOnce: 8,
  /** Sessions that are streamed at once. */
  liveLines: 16,
  /** Sessions beyond those that are polled instead. */
  polledLines: 48,
  /** Sessions whose reading is held in memory without a line; others are down to their checkpoint. */
  restingReaders: 40,
  /** Events a session that was never read is opened with, from its newest end. */
  openEvents: 150,
  /** Pages that are looked through for the place where another road stopped. */
  openPages: 20,
  /** Events of one page that fills a gap. */
  gapPage: 500,
  /** How far a number may be ahead of the last one that was read. */
  numbersAhead: 10_000_000,
  /** Pages one after the other with nothing on them that can be read; the rest has time. */
  emptyPages: 10,
  /** Events of one page of the older family. */
  olderPage: 1_000,
  /** Pages of an older session’s beginning that are passed over to get to its end. */
  olderPages: 500,
  /** Events held that came before their turn; beyond it the gap is read at once. */
  heldEvents: 500,
  /** Readings waiting to be stored; beyond it a line waits. */
  queuedReadings: 200,
  /** Drafts handed on to be stored at once. */
  draftsAtOnce: 1_000,
  /** Sessions whose first known event is remembered, for reading on before it. */
  rememberedPasts: 2_000,
  /** Calls for one page of the past, when what it holds is nothing to show. */
  pastCalls: 3,
} as const

/** How long this source waits for what. */
export const WAITS = {
  /** Pauses after something failed. */
  retry: { firstMs: 1_000, maxMs: 30_000 },
  /** Pauses while a person has to sign in. */
  loginRetry: { firstMs: 5_000, maxMs: 60_000 },
  /** A connection that lasted that long was a good one. */
  stableMs: 10_000,
  /** A place in the watch is good for about 225 s; a little less is counted on. */
  tokenLifeMs: 215_000,
  /** A watch tells a new place every 100 to 120 s; one that does not for this long is dead. */
  watchSilenceMs: 260_000,
  /** After two watches that said nothing the list is polled for this long. */
  watchRestMs: 20 * 60_000,
  /** The whole list is read again this often, however well it is watched. */
  relistMs: 60 * 60_000,
  /** How often a list is polled that nobody tells changes of. */
  listPoll: { firstMs: 30_000, maxMs: 10 * 60_000 },
  /** How long a session stays live after nobody looks at it any more. */
  afterFocusMs: 45_000,
  /** How long a session stays live after its last event. */
  afterEventMs: 60_000,
  /** A flag that says working counts when something happened within this. */
  freshMs: 10 * 60_000,
  /** How long an event that comes after its successor is waited for. */
  lateEventMs: 250,
  /** A stream that is over sooner, without a word, counts as mute. */
  muteMs: 120_000,
  /** How often a session is asked for news where it cannot be streamed: looked at, or not. */
  pollLookedAtMs: 2_500,
  pollMs: 15_000,
  /** The same, for sessions beyond the most that are streamed. */
  pollOverflowMs: 30_000,
  /** How long a lesser road is taken before a better one is tried again. */
  roadRetryMs: 10 * 60_000,
  /** A list that is that much ahead of a silent stream makes history be asked. */
  behindMs: 5_000,
  behindEveryMs: 60_000,
  /** Refusals at the edge that pass within this are not spoken of. */
  edgePatienceMs: 3 * 60_000,
  /** The same for a network that is gone for a moment. */
  unreachablePatienceMs: 20_000,
  /** How long somebody who wants the past of a session waits for its newest end to be read first. */
  openMs: 15_000,
  openLookMs: 100,
  /** How long the first word of a session is kept back for the name of its machine. */
  nameMs: 500,
  /** How long a session is looked at before more is asked for it than what it says. */
  lookMs: 2_000,
  /** How often what is due is looked at. */
  tickMs: 15_000,
} as const
