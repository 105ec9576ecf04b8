import { access } from 'node:fs/promises'
import { readKeychain } from './keychain.ts'
import { loginPlaces } from './login-places.ts'
import type { LoginStoreOptions } from './login-store.ts'

/** Whether a login seems to be stored; reads nothing of it, as nobody has agreed to that yet. [I12] */
export const hasLogin = async (
  { env, home, timing, platform = process.platform, securityProgram }: LoginStoreOptions,
  signal: AbortSignal,
): Promise<boolean> => {
  const places = loginPlaces(env, home)
  const isInFile = await access(places.credentialsFile).then(
    () => true,
    () => false,
  )
  if (isInFile || platform !== 'darwin') return isInFile
  const answer = await readKeychain(
    { service: places.keychainService, account: places.keychainAccount },
    {
      timing,
      env: { ...env, HOME: home },
      isLookOnly: true,
      ...(securityProgram !== undefined && { program: securityProgram }),
    },
    signal,
  )
  return typeof answer === 'object'
}
