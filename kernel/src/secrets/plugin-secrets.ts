import { Lifecycle, scoped } from 'tsyringe'
import { Sealer } from '../auth/sealed.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'

/** Small secrets of plugins, sealed at rest for one plugin and one name. */
@scoped(Lifecycle.ContainerScoped)
export class PluginSecrets {
  constructor(
    private readonly state: State,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
  ) {}

  async put(plugin: string, name: string, value: string): Promise<void> {
    const sealed = this.sealer.seal(value, purpose(plugin, name))
    const row = { plugin, name, sealed, changed_at: this.clock.now().toISOString() }
    await this.state.knex('plugin_secrets').insert(row).onConflict(['plugin', 'name']).merge()
  }

  /** @throws SealBroken when the row was moved, changed, or sealed under another key */
  async get(plugin: string, name: string): Promise<string | null> {
    const row = await this.state.knex('plugin_secrets').where({ plugin, name }).first()
    return row ? this.sealer.open(row.sealed, purpose(plugin, name)) : null
  }

  async remove(plugin: string, name: string): Promise<void> {
    await this.state.knex('plugin_secrets').where({ plugin, name }).delete()
  }
}

function purpose(plugin: string, name: string): string {
  return `secret:${plugin}:${name}`
}
