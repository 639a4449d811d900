import type { CallContext, ChangePlan, ChangeRequest, PlannedFile, PluginContext } from '@nusantara/sdk'
import { expect } from 'chai'
import { BaseConfiguration, inTheWay } from './base-configuration.js'

const file = (action: PlannedFile['action'], drifted: boolean): PlannedFile => ({
  path: `/etc/${action}`,
  action,
  diff: '',
  before: null,
  after: null,
  ...(drifted && { drift: { diff: '' } }),
})

describe('what stands where the base configuration is to be', () => {
  it('is in the way when it has to go and somebody edited it', () => {
    expect(inTheWay({ files: [file('create', false), file('delete', true)] })).to.equal('/etc/delete')
    expect(inTheWay({ files: [file('create', false), file('delete', false), file('modify', true)] })).to.equal(
      undefined,
    )
  })

  /** The far end: a broker that would remove one file. */
  function base(drifted: boolean) {
    const asked: (ChangeRequest & CallContext & { expectHash?: string })[] = []
    const plan: ChangePlan = { changeId: '', hash: 'h', files: [file('delete', drifted)], services: [] }
    const broker = {
      planChange: async () => plan,
      applyChange: async (request: ChangeRequest, options: CallContext) => void asked.push({ ...request, ...options }),
    }
    const rows = {
      where: () => rows,
      first: async () => undefined,
      insert: () => rows,
      onConflict: () => rows,
      merge: async () => {},
    }
    const context = { broker, db: { knex: () => rows }, host: { profile: 'system' } }
    return { base: new BaseConfiguration(context as unknown as PluginContext), asked }
  }
  const call = { actor: {} as CallContext['actor'], changeId: 'c', attempt: 1 }

  it('goes without a word as its package brought it', async () => {
    const { base: own, asked } = base(false)
    await own.ensure(call)
    expect(asked.map(({ onDrift }) => onDrift)).to.deep.equal([undefined])
  })

  it('stays when it was edited, and goes as the plan showed it when somebody says so', async () => {
    const { base: own, asked } = base(true)
    const failure = await own.ensure(call).catch(error => error)
    expect([failure.code, failure.params]).to.deep.equal(['sites.default_site_edited', { path: '/etc/delete' }])
    expect(asked).to.have.length(0)
    await own.ensure({ ...call, discardEdits: true })
    expect(asked.map(({ onDrift, expectHash }) => [onDrift, expectHash])).to.deep.equal([['discard', 'h']])
  })
})
