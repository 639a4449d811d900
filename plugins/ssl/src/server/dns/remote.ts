/** One line of what a provider wrote, at most 200 characters, for a message: without control characters and secrets. */
export function remoteLine(text: string, secrets: readonly (string | undefined)[]): string {
  const clean = secrets.reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, '…') : rest), text)
  const line = clean.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line || 'none'
}

/** The start of a body, as text; what is beyond `limit` bytes is not read. */
export async function startOf(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit).toString()
}

/** The system's word for a failed request, never its message, which can hold a header. */
export function failureReason(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } }
  if (name === 'TimeoutError') return 'ETIMEDOUT'
  const word = cause?.code ?? code
  return typeof word === 'string' ? word : (name ?? 'EIO')
}

/** Seconds of a `Retry-After` header (RFC 9110 §10.2.3), a minute when it has none; between a second and a day. */
export function retryAfter(header: string | null | undefined, now = Date.now()): number {
  const text = header ?? ''
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000)
  return Number.isNaN(seconds) ? 60 : Math.min(Math.max(seconds, 1), 86_400)
}
