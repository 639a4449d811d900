import type { Message } from '@nusantara/sdk'

/** What one check found: in words, and, when something is wrong, what to do about it. */
export interface Finding {
  readonly id: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: Message
  readonly remedy?: Message
}

/** Its texts are `health.<id>.<status>` and, unless all is well, `….remedy`. */
export function finding(id: string, status: Finding['status'], params: Record<string, unknown> = {}): Finding {
  const message = { code: `health.${id}.${status}`, params }
  return status === 'ok'
    ? { id, status, message }
    : { id, status, message, remedy: { code: `health.${id}.${status}.remedy`, params } }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
