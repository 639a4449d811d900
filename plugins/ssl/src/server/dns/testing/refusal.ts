import { Problem } from '@nusantara/sdk'

/** The problem that the promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<Problem> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Problem) return error
  throw error ?? new Error('nothing was refused')
}
