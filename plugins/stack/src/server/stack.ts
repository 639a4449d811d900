import {
  type Actor,
  type CallContext,
  type DashboardCard,
  holds,
  type Page,
  type PluginContext,
  type RouteRequest,
  type Submission,
} from '@nusantara/sdk'
import type { Component, ComponentDetails } from '../api.js'
import { componentsOf, type KnownComponent, knownComponents } from './components.js'
import { ComponentNotFound, ComponentUnknown } from './errors.js'
import { type InstallComponents, installComponents } from './jobs/install-components.js'

export interface ListQuery {
  readonly q?: string
  readonly limit: number
  readonly cursor?: string
}

/** What this server has of the software that sites stand on, and its installation. */
export class Stack {
  constructor(private readonly context: Pick<PluginContext, 'broker' | 'jobs' | 'host'>) {}

  /** Every component there can be on this distribution. */
  async known(): Promise<readonly KnownComponent[]> {
    return knownComponents(await this.context.broker.versions('php.known'))
  }

  async page(actor: Actor, { q, limit, cursor }: ListQuery): Promise<Page<Component>> {
    const known = await this.known()
    const report = await this.context.broker.describePackages(
      known.map(({ request }) => request),
      { actor },
    )
    const all = componentsOf(known, report).filter(({ id }) => !q || id.includes(q.toLowerCase()))
    const from = all.findIndex(({ id }) => id === cursor) + 1
    const shown = all.slice(from, from + limit)
    const last = shown.at(-1)
    return {
      items: await Promise.all(shown.map(each => this.#running(each, known, { actor }))),
      ...(last && from + limit < all.length && { nextCursor: last.id }),
      total: all.length,
    }
  }

  /** @throws stack.not_found, and why it cannot be planned: `packages_…` */
  async details(actor: Actor, id: string): Promise<ComponentDetails> {
    const known = await this.known()
    const component = known.find(each => each.id === id)
    if (!component) throw ComponentNotFound({ component: id })
    const report = await this.context.broker.describePackages([component.request], { actor })
    const [found] = componentsOf([component], report)
    if (!found) throw ComponentNotFound({ component: id })
    const { refreshed } = report.host
    return {
      ...(await this.#running(found, known, { actor })),
      ...(found.state === 'available' && { cost: await this.#cost(component, { actor }) }),
      ...(refreshed !== null && { listsFetched: refreshed }),
    }
  }

  /** For the overview: what is installed, and whether it runs. */
  async card(actor: Actor): Promise<DashboardCard | null> {
    if (!holds(actor, 'stack:read')) return null
    const { items } = await this.page(actor, { limit: 50 })
    return {
      title: { code: 'stack.nav' },
      icon: 'cube',
      href: '/stack',
      rows: items.filter(({ state }) => state === 'installed' || state === 'broken').map(rowOf),
    }
  }

  /** @throws stack.component_unknown, and for a plan what the steps throw */
  async install(request: RouteRequest<unknown, unknown, InstallComponents>): Promise<Submission> {
    await this.find(request.body.components)
    return this.context.jobs.submit(installComponents, request.body, { request })
  }

  /** @throws stack.component_unknown */
  async find(ids: readonly string[]): Promise<readonly KnownComponent[]> {
    const known = await this.known()
    return ids.map((id, index) => {
      const found = known.find(each => each.id === id)
      if (!found) throw ComponentUnknown({ component: id, index, known: known.map(each => each.id).join(', ') })
      return found
    })
  }

  async #cost({ request }: KnownComponent, call: CallContext) {
    const { packages, downloadBytes, diskBytes } = await this.context.broker.planPackages([request], call)
    return { packages: packages.length, downloadBytes, diskBytes }
  }

  /** A sandbox runs daemons of its own, so those of the host say nothing about it. */
  async #running(component: Component, known: readonly KnownComponent[], call: CallContext): Promise<Component> {
    const of = known.find(({ id }) => id === component.id)
    if (!of || component.state !== 'installed' || this.context.host.profile !== 'system') return component
    const { params } = of.request
    const { active } = await this.context.broker.service(of.service, 'status', { ...call, ...(params && { params }) })
    return { ...component, running: active }
  }
}

function rowOf({ id, state, installed, running }: Component): NonNullable<DashboardCard['rows']>[number] {
  const look = state === 'broken' ? 'broken' : running === undefined ? 'installed' : running ? 'running' : 'stopped'
  const tones = { broken: 'danger', stopped: 'warning', running: 'success', installed: 'neutral' } as const
  return { text: `${id} ${installed ?? ''}`.trim(), detail: { code: `ui.state.${look}` }, tone: tones[look] }
}
