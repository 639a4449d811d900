import 'reflect-metadata'
import { type ChangeResult, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { Clock } from '../state/clock.js'
import { describeState } from '../testing/state.js'
import { ChangeLog } from './change-log.js'
import { recordedBroker } from './recorded-broker.js'

describeState('history of changes', stores => {
  const actor = systemActor('web')
  const applied = (changeId: string): ChangeResult => ({
    changeId,
    state: 'applied',
    revision: 'r',
    batch: 1,
    timings: {},
  })
  const open = async () => new ChangeLog(await stores.open(), new Clock())

  it('records who applied what for whom, once for each change', async () => {
    const log = await open()
    const record = { plugin: 'web', change: 'vhost', tenant: 'sabcdefghij', context: { actor, jobId: 'j1' } }
    await log.record({ ...record, result: applied('c1') })
    await log.record({ ...record, result: { ...applied('c1'), batch: 7 } })
    const { items } = await log.list({}, { limit: 10 })
    expect(items).to.have.length(1)
    expect(items[0]).to.include({ change_id: 'c1', plugin: 'web', tenant: 'sabcdefghij', job_id: 'j1', batch: 7 })
    expect(JSON.parse(items[0]?.actor ?? '')).to.include({ kind: 'system', name: 'web' })
  })

  it('pages newest first and filters', async () => {
    const log = await open()
    for (let index = 0; index < 5; index++)
      await log.record({
        plugin: index % 2 ? 'web' : 'mail',
        change: 'x',
        result: applied(`c${index}`),
        context: { actor },
      })
    const first = await log.list({}, { limit: 3 })
    expect(first.items.map(row => row.change_id)).to.deep.equal(['c4', 'c3', 'c2'])
    const rest = await log.list({}, { limit: 3, ...(first.nextCursor !== undefined && { cursor: first.nextCursor }) })
    expect(rest.items.map(row => row.change_id)).to.deep.equal(['c1', 'c0'])
    expect(rest.nextCursor).to.equal(undefined)
    expect((await log.list({ plugin: 'web' }, { limit: 9 })).items).to.have.length(2)
  })

  it('tells by which job a change came, and goes on without one that is gone', async () => {
    const state = await stores.open()
    const log = new ChangeLog(state, new Clock())
    const at = new Date().toISOString()
    const job = {
      id: 'j1',
      type: 'sites.create',
      version: 1,
      owner: 'sites',
      state: 'succeeded',
      operation: 'sites.create',
    }
    const empty = { actor: '{}', actor_id: 'u', host_id: 'h', input: '{}', keys: '[]', created_at: at }
    await state.knex('jobs').insert({ ...job, ...empty, direction: 'forward', title: '{"code":"job.sites.create"}' })
    for (const [id, jobId] of [
      ['c1', 'j1'],
      ['c2', 'gone'],
    ] as const)
      await log.record({ plugin: 'sites', change: 'vhost', result: applied(id), context: { actor, jobId } })
    const { items } = await log.list({}, { limit: 9 })
    expect(items.map(row => [row.job_operation, row.job_title])).to.deep.equal([
      [null, null],
      ['sites.create', '{"code":"job.sites.create"}'],
    ])
    expect((await log.get(items[1]?.id ?? '')).job_operation).to.equal('sites.create')
    expect((await log.list({ job: 'j1' }, { limit: 9 })).items).to.have.length(1)
    expect((await log.list({ state: 'reverted' }, { limit: 9 })).items).to.deep.equal([])
  })

  it('marks a change that was taken back', async () => {
    const log = await open()
    await log.record({ plugin: 'web', change: 'vhost', result: applied('c1'), context: { actor } })
    await log.record({ plugin: 'web', change: 'vhost', result: applied('c2'), context: { actor }, reverts: 'c1' })
    const { items } = await log.list({}, { limit: 9 })
    expect(items.map(row => [row.change_id, row.state, row.reverts])).to.deep.equal([
      ['c2', 'applied', 'c1'],
      ['c1', 'reverted', null],
    ])
    const [second, first] = items
    expect(await log.reversalOf('c1')).to.equal(second?.id)
    expect(await log.reversalOf('c2')).to.equal(null)
    expect(await log.idOf('c1')).to.equal(first?.id)
  })

  it('is written by the broker that a plugin is given', async () => {
    const log = await open()
    const broker = { applyChange: async () => applied('c9'), revertChange: async () => applied('r9') }
    const recorded = recordedBroker(broker as unknown as Parameters<typeof recordedBroker>[0], 'web', log)
    await recorded.applyChange({ change: 'vhost', files: {} }, { actor, changeId: 'c9', attempt: 1 })
    await recorded.revertChange('c9', { actor, revertId: 'r9', attempt: 1 })
    expect((await log.list({}, { limit: 9 })).items.map(row => row.state)).to.deep.equal(['applied', 'reverted'])
  })
})
