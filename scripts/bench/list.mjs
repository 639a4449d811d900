import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inRoot } from '../lib/paths.mjs'
import { figure, percentile } from './report.mjs'

const connections = 8
const seconds = 5

function get(options) {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, response => {
      response.resume()
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Eight connections, each asking again as soon as it is answered. */
async function load(options) {
  const times = []
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca: options.ca })
  const end = performance.now() + seconds * 1000
  const started = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const asked = performance.now()
        await get({ ...options, agent })
        times.push(performance.now() - asked)
      }
    }),
  )
  agent.destroy()
  return { perSecond: (times.length * 1000) / (performance.now() - started), p99: percentile(times, 0.99) }
}

/** An authenticated page of 50 sites, beside a bare restify “hello” over the same TLS. */
export async function listFigures(panel) {
  const key = join(panel.home, 'tls-key.pem')
  const certificate = join(panel.home, 'tls-cert.pem')
  const ca = readFileSync(certificate)
  const { username, password } = panel.people.admin
  const login = await fetchCookie(panel, { username, password }, ca)
  const child = spawn(process.execPath, [inRoot('scripts/bench/hello.mjs'), key, certificate], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const hello = { host: '127.0.0.1', servername: 'localhost', port: JSON.parse(line).port, path: '/hello', ca }
    const list = {
      host: '127.0.0.1',
      servername: 'localhost',
      port: panel.port,
      path: '/api/v1/sites?limit=50',
      headers: { host: `localhost:${panel.port}`, cookie: login },
      ca,
    }
    await load(hello)
    const bare = await load(hello)
    await load(list)
    const ours = await load(list)
    return [
      figure('sites.list.p99', ours.p99, 'ms', { target: 15, about: '50 of 1,000 sites, 8 connections' }),
      figure('sites.list', ours.perSecond, 'req/s', {
        baseline: bare.perSecond,
        target: bare.perSecond * 0.1,
        better: 'more',
        about: 'baseline: restify hello over the same TLS',
      }),
    ]
  } finally {
    child.kill('SIGKILL')
  }
}

function fetchCookie(panel, credentials, ca) {
  const payload = JSON.stringify(credentials)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port: panel.port,
        path: '/api/v1/auth/login',
        method: 'POST',
        ca,
        headers: {
          host: `localhost:${panel.port}`,
          origin: panel.url,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
        },
      },
      response => {
        response.resume()
        resolve(response.headers['set-cookie'][0].split(';')[0])
      },
    )
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}
