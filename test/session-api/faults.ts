/** What can go wrong with one request. */
export type RequestFault =
  /** Answered at once with this, before anything is looked at. `text` goes out as it is. */
  | {
      kind: 'answer'
      status: number
      body?: unknown
      text?: string
      headers?: Record<string, string>
    }
  /** The connection is cut before anything is done, as when there is nobody there. */
  | { kind: 'refuse' }
  /** Done and answered only after a while. */
  | { kind: 'slow'; ms: number }
  /** Done, but the connection is cut before the answer. */
  | { kind: 'lost_answer' }
  /** Done, and answered with bytes that are not JSON. */
  | { kind: 'broken_answer' }

/** What can go wrong with one event or watch stream, chosen when it opens. */
export type StreamFault =
  /** Ends after that many frames, in the middle of the last one if so wished. */
  | { kind: 'cut'; afterFrames: number; midFrame?: boolean }
  /** Says nothing at all: no frame, no keepalive. */
  | { kind: 'silent' }
  /** Leaves out the first of what it should replay and says `catch_up_truncated`. */
  | { kind: 'gap'; events: number }
  /** Every second durable frame is told after its successor. */
  | { kind: 'reorder' }
  /** Every durable frame is told twice. */
  | { kind: 'duplicate' }
  /** Frames, event types and subtypes nobody knows in between. */
  | { kind: 'strange' }
  /** Frames whose data is no JSON, or not the JSON it should be, in between. */
  | { kind: 'broken_json' }
  /** Sequence numbers as numbers instead of strings. */
  | { kind: 'number_sequence' }
  /** No `ephemeral_event` frames. */
  | { kind: 'no_ephemerals' }

/** What can be wrong with the rows of the list. */
export type RowFault = { kind: 'stale_row'; fields: Record<string, unknown> }

/** Nobody says how far an event is: neither on the streams nor in the log. Its path is a session's id. */
export type SilenceFault = { kind: 'no_deliveries' }

export type Fault = RequestFault | StreamFault | RowFault | SilenceFault
export type FaultKind = Fault['kind']

export interface FaultMatch {
  /** Of the path with its query; anything by default. */
  path?: RegExp
  method?: string
  /** How many requests it hits; until taken back by default. */
  times?: number
}

export interface FaultedRequest {
  method: string
  path: string
}

/** Chooses faults by itself; asked once for each request and once for each stream. */
export type FaultPicker = (
  place: 'request' | 'stream',
  request: FaultedRequest,
) => Fault | undefined

export interface Faults {
  add(fault: Fault, match?: FaultMatch): Disposable
  /** Asks the picker whenever no added fault fits. */
  pickWith(picker: FaultPicker): Disposable
  /** Takes all of them back. */
  clear(): void
  /** How many times each kind has struck. */
  readonly struck: Readonly<Partial<Record<FaultKind, number>>>
  takeForRequest(request: FaultedRequest): RequestFault[]
  takeForStream(request: FaultedRequest): StreamFault[]
  takeForRow(request: FaultedRequest): RowFault[]
  takeForSilence(request: FaultedRequest): boolean
}

const requestKinds: readonly FaultKind[] = [
  'answer',
  'refuse',
  'slow',
  'lost_answer',
  'broken_answer',
]

export const createFaults = (): Faults => {
  const planned: { fault: Fault; match: FaultMatch; left: number }[] = []
  const pickers = new Set<FaultPicker>()
  const struck: Partial<Record<FaultKind, number>> = {}

  const fits = (match: FaultMatch, { method, path }: FaultedRequest) =>
    (match.method === undefined || match.method === method) && (match.path?.test(path) ?? true)

  const take = <T extends Fault>(
    request: FaultedRequest,
    isWanted: (fault: Fault) => fault is T,
    place?: 'request' | 'stream',
  ): T[] => {
    const found = planned.filter(({ fault, match }) => isWanted(fault) && fits(match, request))
    for (const plan of found) {
      plan.left -= 1
      if (plan.left <= 0) planned.splice(planned.indexOf(plan), 1)
    }
    const faults = found.map(({ fault }) => fault).filter(isWanted)
    if (faults.length === 0 && place !== undefined) {
      for (const picker of pickers) {
        const picked = picker(place, request)
        if (picked !== undefined && isWanted(picked)) faults.push(picked)
      }
    }
    for (const { kind } of faults) struck[kind] = (struck[kind] ?? 0) + 1
    return faults
  }

  const isRequestFault = (fault: Fault): fault is RequestFault => requestKinds.includes(fault.kind)
  const isRowFault = (fault: Fault): fault is RowFault => fault.kind === 'stale_row'
  const isSilence = (fault: Fault): fault is SilenceFault => fault.kind === 'no_deliveries'
  const isStreamFault = (fault: Fault): fault is StreamFault =>
    !isRequestFault(fault) && !isRowFault(fault) && !isSilence(fault)

  return {
    struck,
    add: (fault, match = {}) => {
      const plan = { fault, match, left: match.times ?? Number.POSITIVE_INFINITY }
      planned.push(plan)
      return {
        [Symbol.dispose]: () => {
          const at = planned.indexOf(plan)
          if (at >= 0) planned.splice(at, 1)
        },
      }
    },
    pickWith: (picker) => {
      pickers.add(picker)
      return { [Symbol.dispose]: () => void pickers.delete(picker) }
    },
    clear: () => {
      planned.length = 0
      pickers.clear()
    },
    takeForRequest: (request) => take(request, isRequestFault, 'request'),
    takeForStream: (request) => take(request, isStreamFault, 'stream'),
    takeForRow: (request) => take(request, isRowFault),
    takeForSilence: (request) => take(request, isSilence).length > 0,
  }
}
