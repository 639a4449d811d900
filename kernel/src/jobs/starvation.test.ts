import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { writePlugin } from '../plugins/plugin-fixtures.js'
import { startPostgres, type TestPostgres } from '../testing/postgres.js'
import { createTestPanel } from '../testing/test-panel.js'

/** Queues jobs that do nothing, one after another as requests would, so that there are always some while others ask. */
const start = `
  const { Joi, object, defineJob } = sdk
  const noop = defineJob({ type: 'demo.noop', version: 1, input: object({ n: Joi.number().required() }),
    concurrency: ({ n }) => ['noop:' + n] }).step('only', { onCrash: 'replay', run: async () => null })
  ctx.jobs.define(noop, undefined)
  ctx.http.route({ operation: 'demo.fill', method: 'POST', path: '/fill', permission: 'demo:use', summary: 'Fill the queue',
    body: object({ count: Joi.number().required() }), response: object({ queued: Joi.number().required() }),
    handler: async ({ body: { count }, actor }) => {
      for (let n = 0; n < count; n++) await ctx.jobs.submit(noop, { n }, { request: { actor } })
      return { queued: count }
    } })
  ctx.http.route({ operation: 'demo.left', method: 'GET', path: '/left', permission: 'demo:use', summary: 'Jobs that are left',
    response: object({ left: Joi.number().required(), succeeded: Joi.number().required() }), handler: async () => {
      const states = await ctx.db.knex('jobs').where({ type: 'demo.noop' }).groupBy('state').select('state').count({ n: '*' })
      const of = names => states.filter(row => names.includes(row.state)).reduce((sum, row) => sum + Number(row.n), 0)
      return { left: of(['queued', 'running']), succeeded: of(['succeeded']) }
    } })
`
const count = 1000

for (const dialect of ['sqlite', 'postgres'] as const) {
  describe(`1,000 queued jobs (${dialect})`, function () {
    this.timeout(120_000)
    let directory: string
    let postgres: TestPostgres | undefined
    let panel: TestPanel
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'nusa-full-'))
      const plugin = await writePlugin(directory, { id: 'demo', permissions: { 'demo:use': {} }, start })
      if (dialect === 'postgres') postgres = await startPostgres()
      const databaseUrl = await postgres?.createDatabase()
      // In a process of its own: what is measured is its event loop, not that of the test.
      panel = await createTestPanel({
        plugins: [plugin],
        broker: false,
        processes: true,
        ...(databaseUrl !== undefined && { databaseUrl }),
      })
    })
    after(async () => {
      await panel?.stop()
      await postgres?.stop()
      await rm(directory, { recursive: true, force: true })
    })

    it('all finish, and whoever asks meanwhile is answered', async () => {
      const admin = panel.as('admin')
      expect((await admin.get('/demo/left')).body).to.deep.equal({ left: 0, succeeded: 0 })
      const filling = admin.post('/demo/fill', { count })
      const waits: number[] = []
      let left = -1
      let filled = false
      const full = filling.then(({ status, text }) => {
        expect(status, text).to.equal(200)
        filled = true
      })
      while (!filled || left !== 0) {
        const asked = performance.now()
        // What an open page asks for: a list from the store, and a page of it.
        const [{ status }, { body }] = await Promise.all([admin.get('/jobs?limit=20'), admin.get('/demo/left')])
        expect(status).to.equal(200)
        left = body.left as number
        waits.push(performance.now() - asked)
      }
      await full
      expect((await admin.get('/demo/left')).body).to.deep.equal({ left: 0, succeeded: count })
      waits.sort((a, b) => a - b)
      const [median = 0, longest = 0] = [waits[Math.floor(waits.length / 2)], waits.at(-1)]
      console.log(
        `      ${waits.length} answers meanwhile: median ${Math.round(median)}, longest ${Math.round(longest)} ms`,
      )
      // Were the queue worked off without a pause, the first answer would come when all is over.
      expect(waits.length).to.be.above(10)
      expect(median).to.be.below(500)
      expect(longest).to.be.below(2_000)
    })
  })
}
