import { announceSession, api, toastProblem } from '@nusantara/sdk/ui'

/** Ends the session in every tab of this browser. */
export async function signOut(): Promise<void> {
  try {
    await api.post('/auth/logout')
    announceSession()
    location.assign('/')
  } catch (error) {
    toastProblem(error)
  }
}
