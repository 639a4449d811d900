import type { CollectHookToken, Contribution, Knex, Scope } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { Hooks } from './hooks.js'

interface Row {
  readonly hook: string
  readonly resource: string
  readonly plugin: string
  readonly value: string
}

/**
 * What plugins add to a shared file of another, kept per resource. While a plugin is off, what it last added is answered in
 * its place, marked frozen, so that disabling it changes nothing that is applied.
 */
@scoped(Lifecycle.ContainerScoped)
export class Contributions {
  constructor(
    private readonly state: State,
    private readonly hooks: Hooks,
    private readonly clock: Clock,
  ) {}

  /**
   * Fresh contributions of those that run and answer, kept ones of all others, in order of the plugins' names so that the
   * result does not depend on who was started first. A running plugin that answers nothing contributes nothing.
   */
  async collect<A extends readonly unknown[], R>(
    hook: CollectHookToken<A, R>,
    scope: Scope,
    resource: string,
    ...args: A
  ): Promise<Contribution<R>[]> {
    const { answers, answered } = await this.hooks.collectAnswered(hook, scope, ...args)
    const fresh = answers.map(({ plugin, value }) => ({ plugin, value, frozen: false }))
    const rows: Row[] = await this.state.knex('plugin_contributions').where({ hook: hook.name, resource })
    const kept = rows.filter(row => !answered.has(row.plugin))
    return [
      ...fresh,
      ...kept.flatMap(row =>
        (JSON.parse(row.value) as R[]).map(value => ({ plugin: row.plugin, value, frozen: true })),
      ),
    ].sort((a, b) => (a.plugin < b.plugin ? -1 : a.plugin > b.plugin ? 1 : 0))
  }

  /** Replaces what is kept for the resource. An empty list forgets the resource. */
  async keep(
    trx: Knex.Transaction,
    hook: { readonly name: string },
    resource: string,
    contributions: readonly Contribution<unknown>[],
  ): Promise<void> {
    await trx('plugin_contributions').where({ hook: hook.name, resource }).delete()
    const byPlugin = Map.groupBy(contributions, ({ plugin }) => plugin)
    for (const [plugin, own] of byPlugin) {
      const value = JSON.stringify(own.map(contribution => contribution.value))
      const kept_at = this.clock.now().toISOString()
      await trx('plugin_contributions').insert({ hook: hook.name, resource, plugin, value, kept_at })
    }
  }

  /** Which resources hold kept contributions, of one plugin or of all. */
  async kept(hook: { readonly name: string }, plugin?: string): Promise<{ plugin: string; resource: string }[]> {
    const query = this.state.knex('plugin_contributions').where({ hook: hook.name }).select('plugin', 'resource')
    return (plugin ? query.where({ plugin }) : query).orderBy(['plugin', 'resource'])
  }
}
