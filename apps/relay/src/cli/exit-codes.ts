/** What a command’s exit code says; scripts rely on it. */
export const EXIT = {
  done: 0,
  notDone: 1,
  notUnderstood: 2,
  /** The session asks something and waits for a person. */
  blocked: 3,
  timedOut: 4,
  /** Handed on; the session has not said that it took it. */
  unconfirmed: 5,
} as const

/** The exit codes in a line, for help. */
export const EXIT_WORDS = 'Exit codes: 0 done, 1 not done, 2 not understood, 3 blocked by a prompt,'
export const EXIT_WORDS_MORE = '4 timed out, 5 handed on but not confirmed.'
