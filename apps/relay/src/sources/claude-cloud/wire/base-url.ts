import { RelayError } from '@bellhop/core'

const HOME = 'https://api.anthropic.com'
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Where the session API is asked: where it lives, or at an address of this machine itself. The login
 * goes there, so any other address is refused with `config_invalid`. [A-1] [I12]
 */
export const cloudBaseUrl = (override: string | null | undefined): string => {
  if (override === null || override === undefined || override === '') return HOME
  const url = URL.canParse(override) ? new URL(override) : undefined
  if (
    url?.protocol !== 'http:' ||
    !LOOPBACK.includes(url.hostname) ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new RelayError('config_invalid', {
      why: 'The address of the session API may only be changed to an http address of this machine itself.',
    })
  // A name is what somebody answers for it; a number is this machine.
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1'
  return url.origin
}
