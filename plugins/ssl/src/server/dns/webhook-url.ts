/**
 * Where a webhook may be: over https anywhere, over http on this machine alone, where nobody listens in. What would end
 * up in logs (a user, a password) or is not sent (a fragment) is refused.
 */
export function webhookUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  if (!url || url.username || url.password || url.hash) return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)) ? url : undefined
}

/** @param hostname as `URL` normalizes it, which leaves one way to write each address; `localhost` is RFC 6761 §6.3's */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
