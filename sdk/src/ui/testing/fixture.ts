import { render, type TemplateResult } from 'lit'
import { addMessageSource, type Catalogue, reloadMessages } from '../core/messages.js'
import { type Session, session } from '../core/session.js'

/** Renders into the page and answers with the first element once it has updated. */
export async function fixture<T extends HTMLElement>(template: TemplateResult): Promise<T> {
  const host = document.createElement('div')
  document.body.append(host)
  render(template, host)
  const element = host.firstElementChild as T & { updateComplete?: Promise<unknown> }
  await element.updateComplete
  return element
}

/** Polls until the condition holds. @throws what was waited for, after `ms` */
export async function until<T>(what: string, condition: () => T | null | undefined | false, ms = 4_000): Promise<T> {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const value = condition()
    if (value) return value
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  throw new Error(`waited in vain for ${what}`)
}

/** Texts for a test, by owner. */
export async function useMessages(owners: Readonly<Record<string, Catalogue>>): Promise<void> {
  addMessageSource(async () => owners)
  await reloadMessages()
}

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

type Answer = { readonly status?: number; readonly body?: unknown }

/**
 * Plays the panel at the network's far end. Answers with what was sent; the original is restored by `restore`. Who is signed in
 * may be asked at any time, by the live stream too, and is not a test's to answer: it stays whoever it is, or `signedIn`.
 */
export function playPanel(
  answer: (sent: Sent) => Answer | Promise<Answer>,
  signedIn: () => Session = session,
): {
  readonly sent: Sent[]
  restore(): void
} {
  const real = window.fetch
  const sent: Sent[] = []
  window.fetch = async (input, init) => {
    const url = new URL(String(input))
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    const request = {
      method: init?.method ?? 'GET',
      path: url.pathname + url.search,
      headers: new Headers(init?.headers),
      body,
    }
    sent.push(request)
    const asksWho = request.method === 'GET' && request.path === '/api/v1/auth/session'
    // Told when it is read: a test may sign somebody else in while the answer is on its way.
    if (asksWho) return Object.assign(new Response(), { json: async () => signedIn() })
    const { status = 200, body: reply } = await answer(request)
    return new Response(reply === undefined ? null : JSON.stringify(reply), { status })
  }
  return {
    sent,
    restore: () => {
      window.fetch = real
    },
  }
}
