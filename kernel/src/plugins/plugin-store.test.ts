import 'reflect-metadata'
import { expect } from 'chai'
import { Clock } from '../state/clock.js'
import { describeState } from '../testing/state.js'
import { PluginStore } from './plugin-store.js'

const actor = { id: 'u1' }

describeState('PluginStore', stores => {
  it('remembers decisions under a generation that grows with each', async () => {
    const store = new PluginStore(await stores.open(), new Clock())
    expect((await store.load()).decisions.size).to.equal(0)
    await store.decide('a', { enabled: true, digest: 'd1' }, actor)
    const generation = await store.decide('a', { enabled: false, digest: undefined }, actor)
    const loaded = await store.load()
    expect(loaded.generation).to.equal(generation)
    expect(generation).to.equal(2)
    const told: number[] = []
    const refused = store.decide('a', { enabled: true, digest: 'd1' }, actor, async (_, next) => {
      told.push(next)
      throw new Error('no')
    })
    await refused.catch(() => undefined)
    expect([told, (await store.load()).generation]).to.deep.equal([[3], 2])
    expect([...loaded.decisions]).to.deep.equal([['a', { enabled: false, digest: undefined }]])
  })
})
