import { get, post } from './client'
import { isStatus } from './errors'
import { chooseTenant, chosenTenant, forgetSession, keepKey, session, type Session } from './session'

/** Asks the server who is signed in; nobody when it does not know. */
export async function loadSession(): Promise<Session | undefined> {
  try {
    session.value = await get<Session>('/auth/session')
  } catch (error) {
    // The tenant chosen last time may be gone, or the user is not its member any more.
    if (isStatus(error, 404) && chosenTenant()) {
      chooseTenant('')
      return loadSession()
    }
    session.value = undefined
    if (!isStatus(error, 401)) throw error
  }
  return session.value
}

export async function signIn(login: string, password: string): Promise<void> {
  await post('/auth/sign-in', { login, password })
  await loadSession()
}

export async function signInWithKey(key: string): Promise<void> {
  session.value = await get<Session>('/auth/session', { headers: { Authorization: `Bearer ${key}` } })
  keepKey(key)
}

export async function makeFirstOwner(token: string, owner: { login: string; name: string; password: string }): Promise<void> {
  await post('/auth/first-start', { token, ...owner })
  await loadSession()
}

/** A key stays valid: it is only forgotten here. */
export async function signOut(): Promise<void> {
  if (session.value?.kind === 'user') await post('/auth/sign-out')
  forgetSession()
}

export async function changePassword(current: string, password: string): Promise<void> {
  await post('/auth/password', { current, password })
}
