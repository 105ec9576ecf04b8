/** What went wrong while pairing and what to do, in words. */
export function pairingProblem(code: string | undefined, unreachable: boolean): string {
  if (code === 'pairing_refused') return 'The terminal said no to this phone.'
  if (code === 'pairing_expired' || code === 'pairing_unknown')
    return 'This code is wrong, used or too old. Run bellhop pair on the computer for a new one.'
  if (code === 'rate_limited') return 'Too many tries. Wait a minute, then try again.'
  if (code === 'proof_invalid')
    return 'The relay did not accept this phone’s proof. Check the clock of the phone.'
  if (code) return 'The relay did not let this phone in. Run bellhop doctor on the computer.'
  if (unreachable)
    return 'The relay cannot be reached. See that it runs and that this phone has a network.'
  return 'Who answered could not prove to be the relay that made this code. Nothing was given to it. Make a new code and try again.'
}
