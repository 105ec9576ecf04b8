/** What went wrong while pairing, what to do about it, and whether the same code is worth another try. */
export type PairingProblem = { readonly words: string; readonly sameCode: boolean }

const needsNewCode = (words: string): PairingProblem => ({ words, sameCode: false })
const keepsCode = (words: string): PairingProblem => ({ words, sameCode: true })

/** Commands stand between backticks. */
export function pairingProblem(code: string | undefined, unreachable: boolean): PairingProblem {
  if (code === 'pairing_refused') return needsNewCode('The terminal said no to this phone.')
  if (code === 'pairing_expired' || code === 'pairing_unknown')
    return needsNewCode(
      'This code is wrong, used or too old. Run `bellhop pair` on the computer for a new one.',
    )
  if (code === 'rate_limited') return keepsCode('Too many tries. Wait a minute, then try again.')
  if (code === 'proof_invalid')
    return keepsCode('The relay did not accept this phone’s proof. Check the clock of the phone.')
  if (code)
    return needsNewCode(
      'The relay did not let this phone in. Run `bellhop doctor` on the computer.',
    )
  if (unreachable)
    return keepsCode(
      'The relay cannot be reached. See that it runs and that this phone has a network.',
    )
  return needsNewCode(
    'Who answered could not prove to be the relay that made this code. Nothing was given to it. Make a new code and try again.',
  )
}
