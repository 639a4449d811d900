import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:tls'
import { createTestPanel } from '../../kernel/dist/testing/index.js'
import { Pebble } from '../../plugins/ssl/dist/testing/pebble.js'
import { inRoot } from '../lib/paths.mjs'
import { figure, median, timed } from './report.mjs'

export const names = ['ssl.issue', 'ssl.issue.authority', 'ssl.issue.server', 'ssl.issue.1000', 'ssl.renew.1000']

const many = 1000
const burst = 100
const rounds = 7

/** SHA-256 of the certificate that a name presents, as the panel writes it; empty where the handshake fails. */
function presented(port, host) {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false }, () => {
      resolve((socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase())
      socket.destroy()
    })
    socket.on('error', () => resolve(''))
  })
}

async function sent(answer, status = 202) {
  const { status: got, text, body } = await answer
  if (got !== status) throw new Error(`answered ${got}: ${text}`)
  return body
}

async function settled(panel) {
  const busy = async state => (await panel.as('admin').get(`/jobs?state=${state}&limit=1`)).body.items.length > 0
  while ((await busy('queued')) || (await busy('running'))) await delay(10)
}

/** From the request to the right certificate in the handshake. */
async function published(panel, domain) {
  const admin = panel.as('admin')
  const extensions = { ssl: { issue: true } }
  const { id } = await sent(admin.post('/sites', { domain, runtime: { type: 'static' }, extensions }))
  for (;;) {
    const seen = await presented(panel.sites.https, domain)
    if (seen) {
      const { certificate, failure } = (await admin.get(`/ssl/sites/${id}`)).body
      if (failure) throw new Error(JSON.stringify(failure))
      if (seen === certificate?.fingerprint) return id
    }
    await delay(5)
  }
}

/** What the authority and the web server took of an issue: the step of the order, and what the broker says of the change. */
async function shares(panel) {
  const admin = panel.as('admin')
  const { items } = (await admin.get('/jobs?limit=20')).body
  const parts = []
  for (const { id, type } of items.filter(job => job.type === 'ssl.issue').slice(0, rounds)) {
    const { steps } = (await admin.get(`/jobs/${id}`)).body
    const took = name => {
      const step = steps.find(each => each.name === name)
      return Date.parse(step.finishedAt) - Date.parse(step.startedAt)
    }
    const log = (await admin.get(`/jobs/${id}/log`)).text
    const server = [...log.matchAll(/(?:check|reload|probe) (\d+) ms/g)].reduce((sum, [, ms]) => sum + Number(ms), 0)
    parts.push({ type, authority: took('order'), server })
  }
  const of = part => median(parts.map(each => each[part]))
  return { authority: of('authority'), server: of('server') }
}

async function series(panel, prefix) {
  const values = []
  for (let index = 0; index < rounds; index++)
    values.push(await timed(() => published(panel, `${prefix}${index}.bench.test`)))
  await settled(panel)
  return median(values)
}

/** Sites with a certificate each, whoever vouches for them. */
async function fill(panel, count) {
  const admin = panel.as('admin')
  for (let at = 0; at < count; at += burst) {
    const domains = Array.from({ length: Math.min(burst, count - at) }, (_, index) => `fill${at + index}.bench.test`)
    const ids = await Promise.all(
      domains.map(async domain => (await sent(admin.post('/sites', { domain, runtime: { type: 'static' } }))).id),
    )
    await settled(panel)
    await Promise.all(ids.map(id => sent(admin.post(`/ssl/sites/${id}/self-sign`, { days: 90 }))))
    await settled(panel)
  }
}

export async function measure() {
  const plugins = ['plugins/sites', 'plugins/ssl'].map(path => inRoot(path))
  const panel = await createTestPanel({ plugins, processes: true })
  const pebble = await Pebble.start({ httpPort: panel.sites.http })
  try {
    const admin = panel.as('admin')
    const { directoryUrl, caPem } = pebble
    await sent(admin.post('/ssl/authorities', { id: 'pebble', name: 'Pebble', directoryUrl, caPem }), 201)
    await sent(admin.patch('/settings/ssl', { authority: 'pebble' }), 200)
    await published(panel, 'warm.bench.test')
    const figures = []
    const about = 'from the request for a site to the right certificate over HTTPS'
    figures.push(figure('ssl.issue', await series(panel, 'one'), 'ms', { target: 2000, about }))
    const { authority, server } = await shares(panel)
    figures.push(figure('ssl.issue.authority', authority, 'ms', { about: 'of that: order, proofs, key and request' }))
    figures.push(figure('ssl.issue.server', server, 'ms', { about: 'of that: check, reload, handshakes' }))
    await fill(panel, many - rounds - 1)
    const full = await series(panel, 'full')
    figures.push(figure('ssl.issue.1000', full, 'ms', { target: 4000, about: 'with 1,000 certificates present' }))
    const id = await published(panel, 'renewed.bench.test')
    await settled(panel)
    const renewal = await timed(async () => {
      const { job } = await sent(admin.post(`/ssl/sites/${id}/renew`))
      const { state, problem } = await panel.waitForJob(job.id)
      if (state !== 'succeeded') throw new Error(JSON.stringify(problem))
    })
    figures.push(
      figure('ssl.renew.1000', renewal, 'ms', { about: 'renewed and seen, with 1,000 certificates present' }),
    )
    return figures
  } finally {
    await panel.stop()
    await pebble.stop()
  }
}
