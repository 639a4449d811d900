import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { watchBroker } from '@nusantara/kernel/testing/harness'
import { defineProblem } from '@nusantara/sdk'
import { createTestPanel, type TestPanel } from '@nusantara/sdk/testing'

const sites = fileURLToPath(new URL('../../plugins/sites', import.meta.url))
const Lost = defineProblem('answer_lost', 409)

describe('a deletion that fails after the tenant is gone', () => {
  let panel: TestPanel
  before(async () => {
    panel = await createTestPanel({ plugins: [sites] })
  })
  after(() => panel.stop())

  it('leaves a site that can be deleted again', async () => {
    const admin = panel.as('admin')
    const made = await admin.post('/sites', { domain: 'half.test', runtime: 'php' })
    assert.equal((await panel.waitForJob(made.body.job.id)).state, 'succeeded')
    const { body: site } = await admin.get(`/sites/${made.body.id}`)
    const remove = async () => {
      const { status, text, body } = await admin.delete(`/sites/${site.id}?confirm=half.test`)
      assert.equal(status, 202, text)
      return panel.waitForJob(body.job.id)
    }
    const watched = watchBroker(panel, method => {
      if (method === 'tenant.remove') throw Lost()
    })
    const failed = await remove()
    watched.restore()
    assert.deepEqual([failed.state, failed.problem?.code], ['failed', 'answer_lost'])
    assert.equal(existsSync(`${panel.home}/etc/nginx/nusantara.d/${site.tenant}.conf`), false)
    assert.equal((await admin.get(`/sites/${site.id}`)).body.state, 'deleting')
    assert.equal((await remove()).state, 'succeeded')
    assert.equal((await admin.get(`/sites/${site.id}`)).status, 404)
  })
})
