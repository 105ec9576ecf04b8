import { CloudFailure } from '../cloud-failure.ts'
import { clockOffWords } from './clock-off.ts'

const DNS = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA', 'EAI_NONAME']
const CLOCK = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
const TLS = /^(CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/
/** Nothing was sent when these happen. */
const BEFORE = [...DNS, 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']

/** The system’s name for what went wrong, from wherever fetch put it. */
const errnoOf = (error: unknown, depth = 0): string | undefined => {
  if (!(error instanceof Error) || depth > 4) return undefined
  if ('code' in error && typeof error.code === 'string' && error.code !== 'ERR_INVALID_STATE')
    return error.code
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause
  return errnoOf(inner, depth + 1)
}

/** Why there was no answer, in words that say which of the usual reasons it was. */
export const networkFailure = (
  error: unknown,
  about: { host: string; clockOffMs: number | undefined },
): CloudFailure => {
  const errno = errnoOf(error) ?? 'UNKNOWN'
  const isTls = TLS.test(errno)
  return new CloudFailure('unreachable', wordsOf(errno, isTls, about), {
    errno,
    maybeDone: !isTls && !BEFORE.includes(errno),
  })
}

const wordsOf = (
  errno: string,
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
    return `The connection to ${host} cannot be trusted (TLS: ${errno}); a proxy or a virus scanner in between may be why.`
  return `The relay cannot reach ${host} (${errno}); check the network of its machine.`
}

/** No answer within the time given to it. */
export const lateFailure = (host: string): CloudFailure =>
  new CloudFailure('unreachable', `${host} did not answer in time; it is tried again by itself.`, {
    errno: 'TIME_LIMIT',
    maybeDone: true,
  })
