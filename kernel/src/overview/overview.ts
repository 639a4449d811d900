import { type Actor, type DashboardCard, holds, kernelHooks, type SearchResult } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { MachineFacts } from '../broker/inspection/machine.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import { Hooks } from '../hooks/hooks.js'
import { Notifications } from '../notifications/notifications.js'

/** One plugin must not keep the page waiting for the others. Milliseconds. */
const patience = 1_000
const mostRows = 6
const mostFigures = 4
const mostResults = 8

export interface Card extends DashboardCard {
  readonly plugin: string
}

export interface Found extends SearchResult {
  readonly plugin: string
}

export interface Overview {
  /** Absent where the reader may not see it, and while the broker is away. */
  readonly server?: MachineFacts
  /** Notifications that the reader has not read. */
  readonly unread: number
  readonly cards: readonly Card[]
}

/** What the first page shows, in one answer, and what a search over everything finds. */
@scoped(Lifecycle.ContainerScoped)
export class Overviews {
  constructor(
    private readonly hooks: Hooks,
    private readonly broker: BrokerClient,
    private readonly notifications: Notifications,
  ) {}

  async describe(actor: Actor, signal: AbortSignal): Promise<Overview> {
    const [settled, server, unread] = await Promise.all([
      this.hooks.settle(kernelHooks.dashboard.cards, { actor, signal }, patience),
      holds(actor, 'health:read') ? this.broker.call('host.measure', {}).catch(() => undefined) : undefined,
      this.notifications.list(actor, { limit: 100, unread: true }),
    ])
    const cards = settled.flatMap(({ plugin, value }) => (value ? [cardOf(plugin, value as DashboardCard)] : []))
    return { ...(server && { server }), unread: unread.items.length, cards }
  }

  /** The best of each plugin, in its order. A plugin that fails or is slow is left out. */
  async search(actor: Actor, signal: AbortSignal, query: string): Promise<readonly Found[]> {
    const settled = await this.hooks.settle(kernelHooks.search.results, { actor, signal }, patience, query)
    return settled.flatMap(({ plugin, value }) =>
      ((value as readonly SearchResult[] | undefined) ?? [])
        .slice(0, mostResults)
        .map(({ title, href, kind }) => ({ plugin, title, href, kind })),
    )
  }
}

/** What the contract names and no more: the answer has a schema. */
function cardOf(plugin: string, { title, icon, href, figures, rows, action }: DashboardCard): Card {
  return {
    plugin,
    title,
    icon,
    href,
    ...(figures && { figures: figures.slice(0, mostFigures) }),
    ...(rows && { rows: rows.slice(0, mostRows) }),
    ...(action && { action }),
  }
}
