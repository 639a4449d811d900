/**
 * Requests that begin before the code that needs their answers is there: the page's first script sends them while the rest is
 * still on its way. Each answer is for the first who asks for its path.
 */
declare global {
  interface Window {
    nusaAhead?: Map<string, Promise<Response>>
  }
}

export const base = '/api/v1'

export function headersOf(language: string): Headers {
  return new Headers({ Accept: 'application/json, application/problem+json', 'Accept-Language': language })
}

/** An answer that nobody took is not the newest any more. Milliseconds. */
const freshMs = 5000

/** @param path of a GET below `/api/v1`, with its query */
export function sendAhead(path: string, language: string): void {
  const answer = fetch(base + path, { headers: headersOf(language), credentials: 'same-origin' })
  // Whoever takes it hears of a failure.
  answer.catch(() => {})
  window.nusaAhead ??= new Map()
  window.nusaAhead.set(path, answer)
  setTimeout(() => {
    if (window.nusaAhead?.get(path) === answer) window.nusaAhead.delete(path)
  }, freshMs)
}

/** The answer that is on its way; undefined when it was taken, or nobody asked ahead. */
export function takeAhead(path: string): Promise<Response> | undefined {
  const answer = window.nusaAhead?.get(path)
  window.nusaAhead?.delete(path)
  return answer
}
