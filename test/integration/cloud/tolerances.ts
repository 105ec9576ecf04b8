/** Something a client of the upstream API must bear, with the facts of PROTOCOL.md part A behind it. */
export type Tolerance = { number: number; words: string; facts: readonly string[] }

/** All of them. Each is shown by exactly one test, with `[tolerance 7]` in its title. */
export const TOLERANCES: readonly Tolerance[] = [
  {
    number: 1,
    words: 'A session spelled `session_X` here and `cse_X` there is one session.',
    facts: ['A-14'],
  },
  {
    number: 2,
    words: 'A sequence number is read whether it comes as text or as a number.',
    facts: ['A-27'],
  },
  {
    number: 3,
    words:
      'Unknown types, frames, values and shapes, and fields too many or too few, cost only the row they stand in.',
    facts: ['A-18', 'A-19', 'A-33', 'A-69'],
  },
  {
    number: 4,
    words:
      'Events are ordered by number alone, and one that comes twice, by number or by uuid, is told once.',
    facts: ['A-29', 'A-70'],
  },
  {
    number: 5,
    words:
      'What a replay leaves out is read from history: cut short, place gone, silent stream, watch token too old.',
    facts: ['A-28', 'A-37', 'A-39', 'A-40'],
  },
  {
    number: 6,
    words:
      'Partial text may be absent, unfinished or late; blocks of one message stand together, and withdrawn ones go.',
    facts: ['A-35', 'A-71'],
  },
  {
    number: 7,
    words: 'Comments keep a line alive; 35 s without any byte end it, and pauses grow and differ.',
    facts: ['A-38'],
  },
  {
    number: 8,
    words:
      'A 401 is met by another look and another try, a renewed token is taken up, and a login that has ended is said.',
    facts: ['A-10', 'A-11', 'A-12'],
  },
  {
    number: 9,
    words: 'A page of HTML or another answer of the edge is an outage, never the end of a login.',
    facts: ['A-5'],
  },
  {
    number: 10,
    words:
      'A 409, a session that is gone and one that goes on under a new id are each understood for what they are.',
    facts: ['A-25', 'A-47', 'A-77'],
  },
  {
    number: 11,
    words: 'A write whose answer got lost is sent again under its uuid, and arrives once.',
    facts: ['A-43'],
  },
  {
    number: 12,
    words:
      'Stored is not delivered: the phone is told sent, received, in work or done, and not confirmed where nothing comes.',
    facts: ['A-45', 'A-48'],
  },
  {
    number: 13,
    words: 'A message that reached the agent as another session’s is seen in its echo and said.',
    facts: ['A-3', 'A-4'],
  },
  {
    number: 14,
    words:
      'Prompts answered elsewhere, withdrawn, stale, told again or queued end as they should, and a second answer harms nothing.',
    facts: ['A-53', 'A-54', 'A-55', 'A-61'],
  },
  {
    number: 15,
    words:
      'An answer names the prompt’s own id, echoes the whole input and takes only well-formed rules along.',
    facts: ['A-51', 'A-58', 'A-60'],
  },
  {
    number: 16,
    words: 'A session that waits for something only its machine can answer is shown as that.',
    facts: ['A-57'],
  },
  {
    number: 17,
    words: 'A session that claims to be running or connected is believed only with a recent event.',
    facts: ['A-22'],
  },
  {
    number: 18,
    words:
      'A turn’s result may be empty, missing or followed by more; a stop nobody confirms is said; cost is never added up.',
    facts: ['A-67', 'A-75', 'A-76'],
  },
  {
    number: 19,
    words: 'A control request the worker refuses, or never answers, ends as a clear refusal.',
    facts: ['A-64'],
  },
  {
    number: 20,
    words:
      'Minutes of compaction, a slow first word and a night without a line end no session; it goes on under its id.',
    facts: ['A-79', 'A-92'],
  },
  {
    number: 21,
    words: 'A huge session is opened from its newest end, in few calls.',
    facts: ['A-30'],
  },
  {
    number: 22,
    words: 'NUL, control characters, escapes and turned writing reach the phone as harmless text.',
    facts: ['A-31'],
  },
  {
    number: 23,
    words: 'Other clients on the same session change nothing but what they did.',
    facts: ['A-66'],
  },
  {
    number: 24,
    words: 'A 429 is waited out for as long as it asks.',
    facts: ['A-90'],
  },
]
