import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'
import type { Login } from '../login/login.ts'
import type { LoginStore } from '../login/login-store.ts'
import { LOGIN_WORDS } from '../login/read-login.ts'

/** Makes calls with the login of the moment, and tells a login that ended from one that stumbled. */
export type LoginTrial = {
  /** The login to call with; rejects with `login` where there is none, or it is known to have ended. */
  login(signal: AbortSignal): Promise<Login>
  run<Result>(signal: AbortSignal, call: (login: Login) => Promise<Result>): Promise<Result>
}

/** Pauses before a call that was refused with a good-looking login is made again: some 9 s in all. */
const PAUSES_MS = [500, 1_200, 2_500, 5_000]
/** A login that ended is tried once in this time: it may be renewed, or the clock put right. */
const TRY_AGAIN_MS = 60_000
/** Logins that are taken up one after the other within one call. */
const MOST_LOGINS = 4

export const createLoginTrial = ({
  loginStore,
  timing,
}: {
  loginStore: LoginStore
  timing: Timing
}): LoginTrial => {
  /** Taken by the other side though it is over by the clock here. */
  let vouched: Login | undefined
  let ended: { login: Login; failure: CloudFailure; tryAgainAtMs: number } | undefined

  const end = (login: Login, failure: CloudFailure) => {
    ended = { login, failure, tryAgainAtMs: timing.nowMs() + TRY_AGAIN_MS }
    return failure
  }

  /** Also says whether this is but a single try with a login that looks as if it had ended. */
  const pick = async (signal: AbortSignal): Promise<{ login: Login; isLastTry: boolean }> => {
    let state = await loginStore.read(signal)
    if (state.state !== 'ready') state = await loginStore.reread(signal)
    signal.throwIfAborted()
    if (state.state !== 'ready' && state.state !== 'expired')
      throw new CloudFailure('login', state.words)
    const { login } = state
    const isKnownEnded = login.isSameAs(ended?.login)
    if (ended && isKnownEnded) {
      if (timing.nowMs() < ended.tryAgainAtMs) throw ended.failure
      end(login, ended.failure)
      return { login, isLastTry: true }
    }
    if (state.state === 'ready' || login.isSameAs(vouched)) return { login, isLastTry: false }
    // By the clock here it is over; the other side has the last word, once in a while.
    end(login, new CloudFailure('login', LOGIN_WORDS.expired))
    return { login, isLastTry: true }
  }

  /** Whether something else is stored by now than what was just refused. */
  const hasChanged = async (login: Login, signal: AbortSignal): Promise<boolean> => {
    const state = await loginStore.reread(signal)
    return state.state === 'ready' && !state.login.isSameAs(login)
  }

  return {
    login: async (signal) => (await pick(signal)).login,
    run: async (signal, call) => {
      let pauses = 0
      for (let logins = 1; ; ) {
        const { login, isLastTry } = await pick(signal)
        try {
          const result = await call(login)
          if (login.isSameAs(ended?.login)) ended = undefined
          if (isLastTry) vouched = login
          return result
        } catch (error) {
          if (!(error instanceof CloudFailure) || error.kind !== 'login') throw error
          if (logins < MOST_LOGINS && (await hasChanged(login, signal))) {
            logins += 1
            continue
          }
          const pauseMs = error.details.status === 401 ? PAUSES_MS[pauses] : undefined
          if (isLastTry || pauseMs === undefined) throw end(login, saidOf(login, error))
          pauses += 1
          await timing.wait(pauseMs, signal)
          signal.throwIfAborted()
        }
      }
    },
  }
}

/** Of a bare token nobody can say more than that it is refused, and why that usually is. */
const saidOf = (login: Login, error: CloudFailure): CloudFailure => {
  const { status } = error.details
  return login.isBare
    ? new CloudFailure(
        'login',
        LOGIN_WORDS.bareRefused,
        typeof status === 'number' ? { status } : {},
      )
    : error
}
