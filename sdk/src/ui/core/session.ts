export interface SessionUser {
  readonly id: string
  readonly username: string
  readonly locale: string
  readonly admin: boolean
  /** Has a second factor. */
  readonly totp: boolean
}

/** `GET /api/v1/auth/session`. */
export interface Session {
  readonly user: SessionUser | null
  readonly permissions: readonly string[]
  readonly assurance: 'none' | 'totp_required' | 'full'
  /** Empty where none is needed. */
  readonly csrfToken: string
}

const nobody: Session = { user: null, permissions: [], assurance: 'none', csrfToken: '' }
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

const channel = new BroadcastChannel('nusa-session')

/** Tells the other tabs of this browser that somebody signed in or out here: they share the cookie. */
export function announceSession(): void {
  channel.postMessage(null)
}

export function onSessionElsewhere(listener: () => void): () => void {
  channel.addEventListener('message', listener)
  return () => channel.removeEventListener('message', listener)
}
