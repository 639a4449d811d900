import { api, listen, missedEvents, type Page, say, shellInfo, type Tone, t, toast } from '@nusantara/sdk/ui'

/** `GET /api/v1/notifications`. */
export interface Notification {
  readonly id: string
  readonly plugin: string
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  readonly severity: 'info' | 'warning' | 'critical'
  readonly updatedAt: string
  readonly read: boolean
  readonly link?: string
}

export const severityTones: Readonly<Record<Notification['severity'], Tone>> = {
  info: 'info',
  warning: 'warning',
  critical: 'danger',
}

const listeners = new Set<() => void>()
let unread = 0

/** How many notifications nobody has read yet; for those who follow them. */
export function unreadCount(): number {
  return unread
}

export function onUnread(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Shows what plugins have to say as it comes, and counts what is unread. Answers with how to stop. */
export function followNotifications(): () => void {
  // The page came with it.
  set(shellInfo().unread ?? 0)
  return listen('notifications', data => {
    if (data === missedEvents) return void count()
    const { id } = data as { readonly id?: string }
    void count(id)
  })
}

function set(next: number): void {
  unread = next
  for (const listener of listeners) listener()
}

/** Asks how many are unread; of one that just came tells what it says. */
export async function count(arrived?: string): Promise<void> {
  try {
    const query = { unread: true, limit: arrived ? 20 : 1 }
    const { items, total = 0 } = await api.get<Page<Notification>>('/notifications', { query })
    set(total)
    const found = items.find(item => item.id === arrived)
    // It may be for others, or an older one that came again.
    if (found) show(found)
  } catch {
    // It stays in the inbox.
  }
}

function show(notification: Notification): void {
  const { link, severity, plugin } = notification
  const action = link ? { action: { label: t('inbox.look'), href: link } } : {}
  toast(say(notification, plugin), { tone: severityTones[severity], ...action })
}
