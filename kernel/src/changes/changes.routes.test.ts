import { readFileSync } from 'node:fs'
import { newId } from '@nusantara/sdk'
import { expect } from 'chai'
import { createTestPanel } from '../testing/test-panel.js'

type Panel = Awaited<ReturnType<typeof createTestPanel>>

describe('changes over HTTP', function () {
  this.timeout(60_000)
  let panel: Panel
  before(async () => {
    panel = await createTestPanel()
  })
  after(() => panel.stop())

  it('lists nothing on a new panel, and says that an unknown change is not there', async () => {
    const admin = panel.as('admin')
    const list = await admin.get<{ items: unknown[] }>('/api/v1/changes')
    expect(list.status).to.equal(200)
    expect(list.body.items).to.be.an('array')
    const missing = await admin.get<{ code: string }>(`/api/v1/changes/${newId()}`)
    expect(missing.status).to.equal(404)
    expect(missing.body.code).to.equal('change_not_found')
    const rollback = await admin.post<{ code: string }>(`/api/v1/changes/${newId()}/rollback`)
    expect(rollback.body.code).to.equal('change_not_found')
  })

  it('shows drift, and refuses to settle what no change wrote', async () => {
    const admin = panel.as('admin')
    expect((await admin.get('/api/v1/drift')).status).to.equal(200)
    const settled = await admin.post<{ code: string }>('/api/v1/drift', {
      plugin: 'sites',
      path: '/etc/passwd',
      action: 'discard',
    })
    expect(settled.status).to.be.greaterThanOrEqual(400)
    const malformed = await admin.post<{ code: string }>('/api/v1/drift', {
      plugin: 'sites',
      path: '/etc/passwd',
      action: 'adopt',
      hash: 'x',
    })
    expect([malformed.status, malformed.body.code]).to.deep.equal([422, 'invalid_input'])
    expect((await admin.get('/api/v1/changes?state=lost')).status).to.equal(422)
    expect(readFileSync('/etc/passwd', 'utf8')).to.contain('root:')
  })

  it('is for administrators alone', async () => {
    const user = panel.as('user')
    for (const path of ['/api/v1/changes', '/api/v1/drift']) expect((await user.get(path)).status).to.equal(403)
  })
})
