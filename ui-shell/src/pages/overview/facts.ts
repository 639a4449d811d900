import type { Message } from '@nusantara/sdk/ui'

/** `GET /api/v1/server`. */
export interface Server {
  readonly hostname: string
  readonly system: string
  readonly release: string
  readonly architecture: string
  readonly uptimeSeconds: number
  readonly processors: number
  readonly processor: string
  readonly load: readonly [number, number, number]
  readonly memory: { readonly bytes: number; readonly availableBytes: number }
  readonly swap: { readonly bytes: number; readonly freeBytes: number }
  readonly disks: readonly { readonly path: string; readonly bytes: number; readonly freeBytes: number }[]
}

export type FactTone = 'neutral' | 'success' | 'warning' | 'danger'

/** What a plugin shows of itself. */
export interface FactCard {
  readonly plugin: string
  readonly title: Message
  readonly icon: string
  readonly href: string
  readonly figures?: readonly { readonly label: Message; readonly value: number; readonly tone?: FactTone }[]
  readonly rows?: readonly {
    readonly text: string
    readonly href?: string
    readonly detail?: Message
    readonly tone?: FactTone
  }[]
  readonly action?: { readonly label: Message; readonly href: string }
}

/** `GET /api/v1/overview`. */
export interface Facts {
  readonly server?: Server
  readonly unread: number
  readonly cards: readonly FactCard[]
}
