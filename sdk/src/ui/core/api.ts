import { base, headersOf, sendAhead, takeAhead } from './ahead.js'
import { locale } from './messages.js'
import { ApiProblem, type ProblemBody } from './problem.js'
import { type Session, session, setSession } from './session.js'
import type { Accepted, Plan } from './wire.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly signal?: AbortSignal
  /** Applies exactly the plan with this hash. */
  readonly planHash?: string
  readonly idempotencyKey?: string
}

/** What the shell does about answers that concern the sign-in rather than the request. */
export interface SessionHandlers {
  /** The session is gone or needs its second factor: show the sign-in and come back afterwards. */
  signInNeeded(): void
  /** Asks for the password again. True when it was proven and the request may be repeated. */
  reauthenticate(): Promise<boolean>
}

let handlers: SessionHandlers = { signInNeeded: () => {}, reauthenticate: async () => false }

export function handleSession(next: SessionHandlers): void {
  handlers = next
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = { status: response.status, code: `http_${response.status}`, title: response.statusText }
  try {
    const body = (await response.json()) as Partial<ProblemBody>
    return new ApiProblem({ ...fallback, ...body, status: response.status })
  } catch {
    return new ApiProblem(fallback)
  }
}

async function send(method: Method, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  const url = new URL(base + path, location.origin)
  for (const [name, value] of Object.entries(options.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = headersOf(locale())
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  const token = session().csrfToken
  if (method !== 'GET' && token) headers.set('X-CSRF-Token', token)
  if (options.planHash) headers.set('Plan-Hash', options.planHash)
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  const ahead = method === 'GET' ? takeAhead(path + url.search) : undefined
  try {
    if (ahead) return await ahead
    return await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? null : JSON.stringify(body),
      signal: options.signal ?? null,
    })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiProblem({ status: 0, code: 'panel_unreachable', detail: String(error) })
  }
}

/** Sends again at most once for each of: an outdated CSRF token, a re-authentication. */
async function request<T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  const tried = new Set<string>()
  for (;;) {
    const asked = session()
    const response = await send(method, path, body, options)
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
    const problem = await problemOf(response)
    const again = !tried.has(problem.code)
    tried.add(problem.code)
    if (again && problem.code.startsWith('csrf')) {
      await loadSession()
      continue
    }
    if (again && problem.code === 'reauthentication_required' && (await handlers.reauthenticate())) {
      await loadSession()
      continue
    }
    if (problem.code === 'unauthenticated' || problem.code === 'totp_required') {
      // Somebody may have signed in while this was under way; the refusal is of before.
      if (session() === asked) handlers.signInNeeded()
      else void checkSession()
    }
    throw problem
  }
}

/** Asks who is signed in, and remembers the token that mutations need. */
export async function loadSession(): Promise<Session> {
  const response = await send('GET', '/auth/session', undefined, {})
  if (response.ok) setSession((await response.json()) as Session)
  else if (response.status === 401) setSession(null)
  else throw await problemOf(response)
  return session()
}

/** Asks whether somebody is still signed in; when nobody is, the sign-in is shown. */
export async function checkSession(): Promise<'signed-in' | 'signed-out' | 'unreachable'> {
  try {
    if ((await loadSession()).assurance === 'full') return 'signed-in'
  } catch {
    return 'unreachable'
  }
  handlers.signInNeeded()
  return 'signed-out'
}

/** The panel's HTTP interface. Paths are below `/api/v1`; every failure is an {@link ApiProblem}. */
export const api = {
  /** Begins a GET whose answer the page that is about to be shown will ask for. */
  ahead: (path: string) => sendAhead(path, locale()),
  get: <T>(path: string, options?: RequestOptions) => request<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) => request<T>('POST', path, body ?? {}, options),
  put: <T>(path: string, body: unknown, options?: RequestOptions) => request<T>('PUT', path, body, options),
  patch: <T>(path: string, body: unknown, options?: RequestOptions) => request<T>('PATCH', path, body, options),
  delete: <T>(path: string, body?: unknown, options?: RequestOptions) => request<T>('DELETE', path, body, options),

  /** What a change would do; touches nothing. */
  plan(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<Plan> {
    return request<Plan>(method, path, body, { ...options, query: { ...options.query, dry_run: true } })
  },

  /** Starts a change. With the hash of a plan that was shown, exactly that plan or `plan_outdated`. */
  change(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<Accepted> {
    return request<Accepted>(method, path, body, { idempotencyKey: crypto.randomUUID(), ...options })
  },
}
