import type { SuggestedWindow } from './renewal-time.js'
import { parseRetryAfter } from './retry-after.js'
import { hour, second } from './time.js'

export interface RenewalInfoQuestion {
  /** `renewalInfo` of the authority's directory. */
  readonly renewalInfo: string
  /** From `ariCertId`. */
  readonly certId: string
  readonly fetch: typeof fetch
  readonly now: () => Date
  readonly signal?: AbortSignal
}

export interface RenewalInfo {
  /** Null when there was no usable answer: whatever was known before stays known. */
  readonly window: SuggestedWindow | null
  /** A page on why the window is what it is, for people. */
  readonly explanation: string | null
  /** When to ask again. */
  readonly pollAt: Date
  /** Why there was no answer. No fault of the certificate: it renews by its own lifetime. */
  readonly error: string | null
}

const patience = 10 * second
const maxAnswerBytes = 64 * 1024
const soonest = hour
const latest = 24 * hour
const usual = 12 * hour
/** RFC 9773 §4.3.3. */
const afterError = 6 * hour

/** Asks an authority when it wants a certificate renewed (RFC 9773 §4). Never throws. */
export async function fetchRenewalInfo(question: RenewalInfoQuestion): Promise<RenewalInfo> {
  let header: string | null = null
  try {
    const response = await ask(question)
    header = response.headers.get('retry-after')
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`answered ${response.status}`)
    }
    const { window, explanation } = parseAnswer(await bounded(response))
    return { window, explanation, pollAt: pollTime(question.now(), header, usual), error: null }
  } catch (error) {
    const pollAt = pollTime(question.now(), header, afterError)
    return { window: null, explanation: null, pollAt, error: messageOf(error) }
  }
}

function ask({ renewalInfo, certId, fetch, signal }: RenewalInfoQuestion): Promise<Response> {
  const limit = AbortSignal.timeout(patience)
  return fetch(`${renewalInfo.replace(/\/+$/, '')}/${certId}`, {
    headers: { accept: 'application/json' },
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  })
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new Error(`answered more than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parseAnswer(text: string): Pick<RenewalInfo, 'explanation'> & { window: SuggestedWindow } {
  const answer = JSON.parse(text) as { suggestedWindow?: { start?: unknown; end?: unknown }; explanationURL?: unknown }
  const start = instant(answer?.suggestedWindow?.start)
  const end = instant(answer?.suggestedWindow?.end)
  // RFC 9773 §4.2: such a window is to be treated as if there were none.
  if (!start || !end || end <= start) throw new Error('answered no usable window')
  return { window: { start, end }, explanation: webPage(answer.explanationURL) }
}

function instant(value: unknown): Date | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time)
}

/** It becomes a link, so it has to be one of the web. */
function webPage(value: unknown): string | null {
  const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value) : null
  return url && /^https?:$/.test(url.protocol) ? url.href : null
}

function pollTime(now: Date, retryAfter: string | null, otherwise: number): Date {
  const asked = parseRetryAfter(retryAfter, now)
  const delay = asked ? asked.getTime() - now.getTime() : otherwise
  return new Date(now.getTime() + Math.min(latest, Math.max(soonest, delay)))
}

/** `fetch failed` says nothing; its cause does. */
function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
