export interface SessionUser {
  readonly id: string
  readonly username: string
  readonly locale?: string
}

/** `GET /api/v1/auth/session`. */
export interface Session {
  readonly user: SessionUser | null
  readonly permissions: readonly string[]
  readonly assurance: 'none' | 'totp_required' | 'full'
  readonly csrfToken: string | null
}

const nobody: Session = { user: null, permissions: [], assurance: 'none', csrfToken: null }
const listeners = new Set<() => void>()
let current = nobody

export function session(): Session {
  return current
}

export function setSession(next: Session | null): void {
  current = next ?? nobody
  for (const listener of listeners) listener()
}

/** Whether the reader holds a permission; what is shown by it is checked again by the server. */
export function may(permission: string): boolean {
  return current.permissions.includes('*') || current.permissions.includes(permission)
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
