import 'reflect-metadata'
import { expect } from 'chai'
import { Sealer } from '../auth/sealed.js'
import type { Config } from '../config/config.js'
import { Clock } from '../state/clock.js'
import { describeState } from '../testing/state.js'
import { PluginSecrets } from './plugin-secrets.js'

describeState('PluginSecrets', stores => {
  it('keeps a secret sealed for one plugin and one name', async () => {
    const state = await stores.open()
    const secrets = new PluginSecrets(state, new Sealer(stores.config() as Config), new Clock())
    await secrets.put('demo', 'token', 'first')
    await secrets.put('demo', 'token', 'swordfish')
    expect(await secrets.get('demo', 'token')).to.equal('swordfish')
    expect(await secrets.get('other', 'token')).to.equal(null)
    expect(JSON.stringify(await state.knex('plugin_secrets'))).not.to.include('swordfish')

    // A row that is moved to another plugin does not open there.
    await state.knex('plugin_secrets').update({ plugin: 'other' })
    const error = await secrets.get('other', 'token').catch(thrown => thrown)
    expect(error.code).to.equal('seal_broken')
    await secrets.remove('other', 'token')
    expect(await secrets.get('other', 'token')).to.equal(null)
  })
})
