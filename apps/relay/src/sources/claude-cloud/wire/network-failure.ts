import { CloudFailure } from '../cloud-failure.ts'
import { clockOffWords } from './clock-off.ts'

const DNS = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA', 'EAI_NONAME']
const CLOCK = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
/** Node has no name for some of what can be wrong with a certificate, such as a weak key. */
const NAMELESS = 'UNSPECIFIED'
/** How the names of what fails between a connection and a line that can be trusted begin. */
const TLS = [
  ...['ERR_TLS', 'ERR_SSL', 'EPROTO', 'HOSTNAME_MISMATCH', NAMELESS],
  ...['CERT_', 'CRL_', 'ERROR_IN_C', 'DEPTH_ZERO', 'SELF_SIGNED', 'UNABLE_TO_'],
  ...['INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED'],
]
/** Nothing was sent when these happen. */
const BEFORE = [...DNS, 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']

/** What Node says of a line that was cut in its handshake; the name is that of any cut line. */
const NOT_YET = /before secure TLS connection/

type Cause = { errno: string; said: string; isBefore?: boolean }

/** The system’s name for what went wrong, from wherever fetch put it, and what to call it. */
const causeOf = (error: unknown, depth = 0): Cause => {
  if (!(error instanceof Error) || depth > 4) return { errno: 'UNKNOWN', said: 'UNKNOWN' }
  if ('code' in error && typeof error.code === 'string' && error.code !== 'ERR_INVALID_STATE') {
    const { code, message } = error
    const said = code === NAMELESS ? message.slice(0, 100) : code
    return { errno: code, said, isBefore: BEFORE.includes(code) || NOT_YET.test(message) }
  }
  return causeOf(error instanceof AggregateError ? error.errors[0] : error.cause, depth + 1)
}

/** Why there was no answer, in words that say which of the usual reasons it was. */
export const networkFailure = (
  error: unknown,
  about: { host: string; clockOffMs: number | undefined },
): CloudFailure => {
  const cause = causeOf(error)
  const { errno } = cause
  const isTls = TLS.some((beginning) => errno.startsWith(beginning))
  return new CloudFailure('unreachable', wordsOf(cause, isTls, about), {
    errno,
    maybeDone: !isTls && !cause.isBefore,
  })
}

const wordsOf = (
  { errno, said }: Cause,
  isTls: boolean,
  { host, clockOffMs }: { host: string; clockOffMs: number | undefined },
): string => {
  if (DNS.includes(errno))
    return `The relay’s machine cannot find ${host} (DNS: ${errno}); check its network.`
  if (CLOCK.includes(errno)) {
    const off = clockOffWords(clockOffMs)
    return off
      ? `The relay’s clock is off by ${off}, so the certificate of ${host} does not hold; set it right.`
      : `The certificate of ${host} does not hold at this time (TLS: ${errno}); check the relay’s clock first.`
  }
  if (isTls)
    return `The connection to ${host} cannot be trusted (TLS: ${said}); a proxy or a virus scanner in between may be why.`
  return `The relay cannot reach ${host} (${errno}); check the network of its machine.`
}

/** No answer within the time given to it. */
export const lateFailure = (host: string): CloudFailure =>
  new CloudFailure('unreachable', `${host} did not answer in time.`, {
    errno: 'TIME_LIMIT',
    maybeDone: true,
  })
