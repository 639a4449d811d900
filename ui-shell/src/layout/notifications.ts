import { api, listen, missedEvents, type Page, say, session, shellInfo, type Tone, t, toast } from '@nusantara/sdk/ui'

/** Notifications that come together are told together. Milliseconds. */
const gatherMs = 100

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
  const arrived = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  // However many come at once, they are asked for once, and nobody asks behind the sign-in.
  const ask = () => {
    timer = undefined
    const ids = new Set(arrived)
    arrived.clear()
    if (session().assurance === 'full') void count(ids)
  }
  const stop = listen('notifications', data => {
    const { id } = data as { readonly id?: string }
    if (data !== missedEvents && id) arrived.add(id)
    timer ??= setTimeout(ask, gatherMs)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}

function set(next: number): void {
  unread = next
  for (const listener of listeners) listener()
}

/** Asks how many are unread; of those that just came tells what they say. */
export async function count(arrived: ReadonlySet<string> = new Set()): Promise<void> {
  try {
    const query = { unread: true, limit: arrived.size ? 20 : 1 }
    const { items, total = 0 } = await api.get<Page<Notification>>('/notifications', { query })
    set(total)
    // Some may be for others, or older ones that came again.
    for (const item of items) if (arrived.has(item.id)) show(item)
  } catch {
    // It stays in the inbox.
  }
}

function show(notification: Notification): void {
  const { link, severity, plugin } = notification
  const action = link ? { action: { label: t('inbox.look'), href: link } } : {}
  toast(say(notification, plugin), { tone: severityTones[severity], ...action })
}
