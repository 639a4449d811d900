/** The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis §4.1.3.2). */
export const cookieName = '__Host-nusa'

/** The session cookie's value in a Cookie header; null when absent or given twice, which no browser does for it. */
export function readCookie(header: string | undefined): string | null {
  if (!header) return null
  const values = header
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${cookieName}=`))
  return values.length === 1 ? (values[0]?.slice(cookieName.length + 1) ?? null) : null
}

/** A whole Set-Cookie value. */
export function setCookie(value: string, maxAgeSeconds: number): string {
  return `${cookieName}=${value}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=Strict`
}
