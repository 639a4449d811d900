import { Problem } from '@nusantara/sdk'
import { AuthorityRefused, AuthorityUnreachable, CertificateWrong, RateLimited } from '../errors.js'
import { AcmeError, AuthorityFault } from './acme-error.js'

/** What went wrong with an authority as people read it; what is no refusal of an authority stays as it is. */
export function asProblem(error: unknown, authority: string): unknown {
  if (error instanceof Problem) return error
  if (error instanceof AcmeError) {
    const { status, type, retryAfter } = error
    const detail = [error.detail, ...error.subproblems.map(each => `${each.name}: ${each.detail}`)]
      .filter(Boolean)
      .join('; ')
    if (type === 'rateLimited' || status === 429)
      return RateLimited({ authority, detail, until: retryAfter?.toISOString() ?? '' }, { cause: error })
    if (status >= 500)
      return AuthorityUnreachable({ authority, reason: detail || `answered ${status}` }, { cause: error })
    return AuthorityRefused({ authority, type, detail: detail || `answered ${status}` }, { cause: error })
  }
  if (error instanceof AuthorityFault) return CertificateWrong({ authority, reason: error.message }, { cause: error })
  const code = networkCode(error)
  return code ? AuthorityUnreachable({ authority, reason: code }, { cause: error }) : error
}

/** Of a connection that failed, or an answer that never came. */
function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name === 'AbortError' || error.name === 'CanceledError') return undefined
  const { code, cause, message } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return code === 'ERR_BAD_RESPONSE' ? message.slice(0, 200) : code
  if (cause instanceof Error) return networkCode(cause)
  return /ACME directory|nonce from ACME|no data/.test(message) ? message.slice(0, 200) : undefined
}
