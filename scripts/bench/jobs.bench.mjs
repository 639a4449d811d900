import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writePlugin } from '../../kernel/dist/plugins/plugin-fixtures.js'
import { createTestPanel } from '../../kernel/dist/testing/index.js'
import { figure, percentile, timed } from './report.mjs'

export const names = ['jobs.noop.1000', 'jobs.noop.api']

const jobs = 1000
const clients = 4
const restingMs = 2000

/** Submits as many jobs as it is told, and says how many of its jobs are queued or run. */
const start = `
  const { Joi, object, defineJob } = sdk
  const noop = defineJob({ type: 'noop.job', version: 1, input: object({ n: Joi.number() }) })
    .step('nothing', { run: async () => null, onCrash: 'replay' })
  ctx.jobs.define(noop, undefined)
  ctx.http.route({ operation: 'noop.start', method: 'POST', path: '/', permission: 'noop:write', summary: 'Queue jobs',
    body: object({ count: Joi.number().integer().required() }), response: object({ ids: Joi.array().items(Joi.string()) }),
    handler: async ({ actor, body }) => {
      const ids = []
      for (let n = 0; n < body.count; n++) ids.push((await ctx.jobs.submit(noop, { n }, { request: { actor } })).job.id)
      return { ids }
    } })
`

/** Clients that ask for a page of jobs one request after the other, until `done` says so. */
async function ask(panel, done) {
  const times = []
  const client = async () => {
    while (!done()) times.push(await timed(() => panel.as('admin').get('/jobs?limit=20')))
  }
  await Promise.all(Array.from({ length: clients }, client))
  return times
}

async function failed(panel, ids) {
  const states = new Map()
  for (const id of ids) {
    const { state } = await panel.waitForJob(id, { timeout: 120_000 })
    states.set(state, (states.get(state) ?? 0) + 1)
  }
  states.delete('succeeded')
  return [...states]
}

/** When the last job has ended: nothing is queued or running. */
async function drained(panel) {
  const left = async state => (await panel.as('admin').get(`/jobs?limit=1&state=${state}`)).body.items.length
  while ((await left('queued')) + (await left('running')) > 0) await delay(10)
}

export async function measure() {
  const directory = await mkdtemp(join(tmpdir(), 'nusa-bench-plugins-'))
  const plugin = await writePlugin(directory, { id: 'noop', permissions: { 'noop:write': {} }, start })
  const panel = await createTestPanel({ plugins: [plugin], processes: true })
  try {
    const submit = async count => {
      const { status, body, text } = await panel.as('admin').post('/noop', { count })
      if (status !== 200) throw new Error(`POST /noop answered ${status}: ${text}`)
      return body.ids
    }
    await submit(50)
    await drained(panel)
    const until = performance.now() + restingMs
    const resting = await ask(panel, () => performance.now() > until)
    let ended = false
    let ids = []
    const took = timed(async () => {
      ids = await submit(jobs)
      await drained(panel)
      ended = true
    })
    const busy = await ask(panel, () => ended)
    const total = await took
    const others = await failed(panel, ids)
    if (others.length > 0) throw new Error(`not every job succeeded: ${JSON.stringify(others)}`)
    return [
      figure('jobs.noop.1000', total, 'ms', { about: '1,000 jobs, from the request to the last end' }),
      figure('jobs.noop.api', percentile(busy, 0.99), 'ms', {
        baseline: percentile(resting, 0.99),
        target: 100,
        about: `p99 of ${clients} clients meanwhile; baseline: with no job`,
      }),
    ]
  } finally {
    await panel.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
