import 'reflect-metadata'
import { anonymous, defineHook, type Scope } from '@nusantara/sdk'
import { expect } from 'chai'
import pino from 'pino'
import { Clock } from '../state/clock.js'
import { describeState } from '../testing/state.js'
import { Contributions } from './contributions.js'
import { Hooks } from './hooks.js'

const scope: Scope = { actor: anonymous, signal: new AbortController().signal }
const vhost = defineHook<[domain: string], { line: string }>('sites.vhost-parts', 'collect', { sticky: true })

describeState('Contributions', stores => {
  async function open() {
    const state = await stores.open()
    const hooks = new Hooks(pino({ level: 'silent' }))
    return { state, hooks, contributions: new Contributions(state, hooks, new Clock()) }
  }

  it('answers what a plugin last contributed to a resource while the plugin is off', async () => {
    const { state, hooks, contributions } = await open()
    const untap = hooks.tap(vhost, 'ssl', (_scope, domain) => ({ line: `certificate ${domain}` }))
    const fresh = await contributions.collect(vhost, scope, 'site-1', 'a.test')
    expect(fresh).to.deep.equal([{ plugin: 'ssl', value: { line: 'certificate a.test' }, frozen: false }])
    await state.transaction(trx => contributions.keep(trx, vhost, 'site-1', fresh))
    untap()

    const frozen = [{ plugin: 'ssl', value: { line: 'certificate a.test' }, frozen: true }]
    expect(await contributions.collect(vhost, scope, 'site-1', 'renamed.test')).to.deep.equal(frozen)
    expect(await contributions.collect(vhost, scope, 'site-2', 'b.test')).to.deep.equal([])
    await state.transaction(trx => contributions.keep(trx, vhost, 'site-1', frozen))
    expect(await contributions.kept(vhost, 'ssl')).to.deep.equal([{ plugin: 'ssl', resource: 'site-1' }])
    expect(await contributions.collect(vhost, scope, 'site-1', 'again.test')).to.deep.equal(frozen)
  })

  it('a running plugin that answers nothing any more loses what was kept', async () => {
    const { state, hooks, contributions } = await open()
    const untap = hooks.tap(vhost, 'ssl', () => ({ line: 'x' }))
    const first = await contributions.collect(vhost, scope, 'site-1', 'a.test')
    await state.transaction(trx => contributions.keep(trx, vhost, 'site-1', first))
    untap()
    hooks.tap(vhost, 'ssl', () => undefined as unknown as { line: string })
    expect(await contributions.collect(vhost, scope, 'site-1', 'a.test')).to.deep.equal([])
  })

  it('a tap that fails now does not take away what is applied', async () => {
    const { state, hooks, contributions } = await open()
    let down = false
    hooks.tap(vhost, 'ssl', () => {
      if (down) throw new Error('database gone')
      return { line: 'x' }
    })
    const first = await contributions.collect(vhost, scope, 'site-1', 'a.test')
    await state.transaction(trx => contributions.keep(trx, vhost, 'site-1', first))
    down = true
    const [kept] = await contributions.collect(vhost, scope, 'site-1', 'a.test')
    expect(kept).to.deep.equal({ plugin: 'ssl', value: { line: 'x' }, frozen: true })
  })
})
