import { api, listen, type Page, say, type Tone, toast } from '@nusantara/sdk/ui'

/** `GET /api/v1/notifications`. */
interface Notification {
  readonly id: string
  readonly plugin: string
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  readonly severity: 'info' | 'warning' | 'critical'
}

const tones: Readonly<Record<Notification['severity'], Tone>> = { info: 'info', warning: 'warning', critical: 'danger' }

/** Shows what plugins have to say as it comes. Answers with how to stop. */
export function followNotifications(): () => void {
  return listen('notifications', data => {
    const { id } = data as { readonly id?: string }
    if (id) void show(id)
  })
}

async function show(id: string): Promise<void> {
  try {
    const { items } = await api.get<Page<Notification>>('/notifications', { query: { unread: true, limit: 20 } })
    const found = items.find(item => item.id === id)
    // It may be for others, or an older one that came again.
    if (found) toast(say(found, found.plugin), { tone: tones[found.severity] })
  } catch {
    // It stays in the inbox.
  }
}
