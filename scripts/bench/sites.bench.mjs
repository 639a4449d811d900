import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestPanel } from '../../kernel/dist/testing/index.js'
import { inRoot } from '../lib/paths.mjs'
import { listFigures } from './list.mjs'
import { figure, median, timed } from './report.mjs'

export const names = [
  'sites.create',
  'sites.create.concurrent',
  'sites.create.reloads',
  'sites.create.1000',
  'sites.apply.1000',
  'sites.list.p99',
  'sites.list',
]

const single = 10
const many = 1000

/** Answers status of a site on the public listener, over a connection of its own. */
function visit(port, host) {
  return new Promise(resolve => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/', headers: { host }, agent: new Agent({ keepAlive: false }) },
      response => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      },
    )
    outgoing.on('error', () => resolve(0))
    outgoing.end()
  })
}

async function until(condition, ms = 60_000) {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not happen in time')
    await delay(2)
  }
}

async function create(panel, domain) {
  const { status, body, text } = await panel.as('admin').post('/sites', { domain, runtime: { type: 'static' } })
  if (status !== 202) throw new Error(`POST /sites answered ${status}: ${text}`)
  return body
}

/** From the request to the page answered and the job succeeded. */
async function published(panel, domain) {
  const { job } = await create(panel, domain)
  await until(
    async () =>
      (await panel.as('admin').get(`/jobs/${job.id}`)).body.state !== 'running' &&
      (await visit(panel.sites.http, domain)) === 200,
  )
  const { state, problem } = await panel.waitForJob(job.id)
  if (state !== 'succeeded') throw new Error(`${domain}: ${state} ${JSON.stringify(problem)}`)
}

/** What the web server alone needs from the signal to serving one more site, on the same configuration. */
async function serverAlone(panel, round) {
  const file = join(panel.home, 'etc/nginx/nusantara.d/bench-alone.conf')
  const name = `alone-${round}.bench.test`
  writeFileSync(
    file,
    `server { listen 127.0.0.1:${panel.sites.http}; server_name ${name}; location / { return 200; } }\n`,
  )
  const pid = Number(readFileSync(join(panel.home, 'run/nginx.pid'), 'utf8'))
  const took = await timed(async () => {
    process.kill(pid, 'SIGHUP')
    await until(async () => (await visit(panel.sites.http, name)) === 200)
  })
  rmSync(file)
  process.kill(pid, 'SIGHUP')
  await until(async () => (await visit(panel.sites.http, name)) === 404)
  return took
}

async function createSeries(panel, prefix, times) {
  const values = []
  for (let index = 0; index < times; index++)
    values.push(await timed(() => published(panel, `${prefix}${index}.bench.test`)))
  return median(values)
}

async function aloneSeries(panel, times) {
  const values = []
  for (let index = 0; index < times; index++) values.push(await serverAlone(panel, index))
  return median(values)
}

/** Asks for all jobs with one small request now and then: a client for each job would measure the clients. */
async function settled(panel) {
  const busy = async state => (await panel.as('admin').get(`/jobs?state=${state}&limit=1`)).body.items.length > 0
  while ((await busy('queued')) || (await busy('running'))) await delay(25)
}

/** All at once; answers milliseconds until every one is served, and how many reloads that took. */
async function concurrent(panel, prefix, count) {
  const domains = Array.from({ length: count }, (_, index) => `${prefix}${index}.bench.test`)
  let jobs
  const took = await timed(async () => {
    jobs = await Promise.all(domains.map(domain => create(panel, domain)))
    await settled(panel)
    for (const domain of domains) await until(async () => (await visit(panel.sites.http, domain)) === 200)
  })
  const states = await Promise.all(jobs.map(async ({ job }) => (await panel.as('admin').get(`/jobs/${job.id}`)).body))
  const failed = states.filter(job => job.state !== 'succeeded')
  if (failed.length > 0) throw new Error(`${failed.length} of ${count} failed: ${JSON.stringify(failed[0].problem)}`)
  return { took, jobs: jobs.map(({ job }) => job.id) }
}

/** Reloads that the given jobs' changes shared: their distinct revisions. */
async function reloads(panel, jobs) {
  const wanted = new Set(jobs)
  const revisions = new Set()
  let cursor = ''
  do {
    const { body } = await panel
      .as('admin')
      .get(`/changes?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    for (const change of body.items) if (wanted.has(change.jobId)) revisions.add(change.revision)
    cursor = body.nextCursor
  } while (cursor)
  return revisions.size
}

/** Changes every managed file, so that applying again has every one of them to write. */
function editAll(panel) {
  const folder = join(panel.home, 'etc/nginx/nusantara.d')
  for (const name of readdirSync(folder)) appendFileSync(join(folder, name), '# edited\n')
}

export async function measure() {
  const panel = await createTestPanel({ plugins: [inRoot('plugins/sites')], processes: true })
  try {
    await published(panel, 'warm.bench.test')
    const figures = []
    const alone = await aloneSeries(panel, 5)
    figures.push(
      figure('sites.create', await createSeries(panel, 'one', single), 'ms', {
        baseline: alone,
        target: 250,
        about: 'baseline: nginx alone from signal to served',
      }),
    )
    const burst = await concurrent(panel, 'burst', 100)
    figures.push(figure('sites.create.concurrent', burst.took, 'ms', { target: 5000, about: '100 sites at once' }))
    figures.push(figure('sites.create.reloads', await reloads(panel, burst.jobs), 'reloads', { target: 15 }))
    let present = 100 + single + 1
    for (let round = 0; present < many; round++) {
      const size = Math.min(100, many - present)
      await concurrent(panel, `fill${round}-`, size)
      present += size
    }
    const aloneMany = await aloneSeries(panel, 3)
    figures.push(
      figure('sites.create.1000', await createSeries(panel, 'full', 5), 'ms', {
        baseline: aloneMany,
        target: 600,
        about: 'with 1,000 sites present',
      }),
    )
    editAll(panel)
    const apply = await timed(async () => {
      const { status, body, text } = await panel.as('admin').post('/sites/apply', { discardEdits: true })
      if (status !== 202) throw new Error(`POST /sites/apply answered ${status}: ${text}`)
      const { state, problem } = await panel.waitForJob(body.job.id, { timeout: 120_000 })
      if (state !== 'succeeded') throw new Error(`${state} ${JSON.stringify(problem)}`)
    })
    figures.push(
      figure('sites.apply.1000', apply, 'ms', {
        target: 3000,
        about: 'render and apply every site again, after each was edited by hand',
      }),
    )
    figures.push(...(await listFigures(panel)))
    return figures
  } finally {
    await panel.stop()
  }
}
