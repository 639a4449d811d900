import { ApiProblem } from '@nusantara/sdk/ui'

/** The module of a page did not come. A browser never asks for the same module again: only a reload does. */
export function pageFailed(error: unknown): ApiProblem {
  const reason = error instanceof Error ? error.message : String(error)
  return new ApiProblem({ status: 0, code: 'page_failed', message: reason, params: { reason } })
}
