import 'reflect-metadata'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { certificateFiles } from '../host/panel-certificate.js'
import { writePlugin } from '../plugins/plugin-fixtures.js'
import { OwnProcess } from '../testing/panel-process.js'
import { startPostgres, type TestPostgres } from '../testing/postgres.js'
import { createTestPanel } from '../testing/test-panel.js'
import { until } from '../testing/until.js'

const start = `
  const { existsSync } = await import('node:fs')
  const { Joi, object, defineJob, defineSettings } = sdk
  const input = object({ gate: Joi.string().required() })
  const work = defineJob({ type: 'demo.work', version: 1, input }).step('only', { onCrash: 'replay',
    async run({ input, log, progress }) {
      while (!existsSync(input.gate)) await new Promise(resolve => setTimeout(resolve, 5))
      progress(0.5)
      log('in process ' + process.pid)
      log(Array(20).fill('words '.repeat(100)).join('\\n'))
    } })
  ctx.jobs.define(work, undefined)
  ctx.http.route({ operation: 'demo.start', method: 'POST', path: '/', permission: 'demo:use', summary: 'Work', change: true,
    body: input, handler: request => ctx.jobs.submit(work, request.body, { request }) })
  let told = 0
  ctx.settings(defineSettings(object({ size: Joi.number().default(3) }), { version: 1 })).onChange(({ size }) => { told = size })
  ctx.http.route({ operation: 'demo.told', method: 'GET', path: '/', permission: 'demo:use', summary: 'Told',
    response: object({ told: Joi.number().required() }), handler: async () => ({ told }) })
`

interface Answer<T = Record<string, never>> {
  readonly status: number
  readonly cookie: string | undefined
  readonly body: T
}

describe('two processes on one PostgreSQL', function () {
  this.timeout(90_000)
  let postgres: TestPostgres
  let directory: string
  /** Takes requests and runs nothing. */
  let web: TestPanel
  /** Runs jobs, and takes requests. */
  let runner: OwnProcess
  let runnerPort: number
  let ca: string
  let session: { cookie: string; csrf: string }

  before(async () => {
    postgres = await startPostgres()
    directory = await mkdtemp(join(tmpdir(), 'nusa-two-'))
    const plugin = await writePlugin(directory, { id: 'demo', permissions: { 'demo:use': { user: true } }, start })
    const databaseUrl = await postgres.createDatabase()
    web = await createTestPanel({
      plugins: [plugin],
      broker: false,
      processes: true,
      databaseUrl,
      env: { NUSA_ROLES: 'web' },
    })
    ca = await readFile(certificateFiles(web.home).cert, 'utf8')
    runner = new OwnProcess({
      PATH: process.env.PATH,
      NUSA_HOME: web.home,
      NUSA_ROOT: resolve(fileURLToPath(import.meta.url), '../../../..'),
      NUSA_LOG_LEVEL: 'silent',
      NUSA_PLUGIN_STORE: directory,
      NUSA_ROLES: 'web,runner',
      DATABASE_URL: databaseUrl,
    })
    runnerPort = (await runner.start()).port
    const { username, password } = web.people.admin
    const { cookie = '' } = await ask(web.port, 'POST', '/auth/login', { username, password })
    session = { cookie, csrf: '' }
  })
  after(async () => {
    await runner?.stop()
    await web?.stop()
    await postgres?.stop()
    if (directory) await rm(directory, { recursive: true, force: true })
  })

  function send(port: number, method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = {
        origin: `https://localhost:${port}`,
        'content-type': 'application/json',
        ...(session && { cookie: session.cookie, 'x-csrf-token': session.csrf }),
      }
      const options = { host: 'localhost', port, path: `/api/v1${path}`, method, ca, headers, agent: false }
      httpsRequest(options, resolve)
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  async function ask<T = Record<string, never>>(
    port: number,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const response = await send(port, method, path, body)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    const cookie = response.headers['set-cookie']?.[0]?.split(';', 1)[0]
    return { status: response.statusCode ?? 0, cookie, body: (text ? JSON.parse(text) : {}) as T }
  }

  it('a session that began in one is good in the other', async () => {
    const { status, body } = await ask<{ assurance: string; csrfToken: string }>(runnerPort, 'GET', '/auth/session')
    expect([status, body.assurance]).to.deep.equal([200, 'full'])
    session.csrf = body.csrfToken
    expect((await ask(web.port, 'POST', '/notifications/read')).status).to.equal(204)
    const { body: demo } = await ask<{ state: string; why: unknown }>(web.port, 'GET', '/plugins/demo')
    expect(demo.state, JSON.stringify(demo.why)).to.equal('running')
  })

  it('a job that runs in one is followed in the other, line by line, however much is said at once', async () => {
    const gate = join(directory, 'gate')
    const accepted = await ask<{ job: { id: string } }>(web.port, 'POST', '/demo', { gate })
    expect(accepted.status, JSON.stringify(accepted.body)).to.equal(202)
    const { id } = accepted.body.job
    const stream = await send(web.port, 'GET', `/events?topics=job:${id}`)
    const events: { kind: string; state?: string; progress?: number; lines?: { line: string }[] }[] = []
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (text + chunk).split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) events.push(JSON.parse(part.split('\ndata: ')[1] ?? '{}'))
    })
    await until(() => events.length > 0)
    await writeFile(gate, '')
    await until(() => events.some(event => event.kind === 'state' && event.state === 'succeeded'), 30_000)
    stream.destroy()
    const lines = events.flatMap(event => (event.kind === 'log' ? (event.lines ?? []) : [])).map(({ line }) => line)
    expect(lines).to.deep.equal([`in process ${runner.pid}`, ...Array(20).fill('words '.repeat(100))])
    expect(events.some(event => event.progress === 0.5)).to.equal(true)
  })

  it('settings that are changed in one are told to the plugin in the other', async () => {
    expect((await ask(web.port, 'PATCH', '/settings/demo', { size: 8 })).status).to.equal(200)
    await until(async () => (await ask<{ told: number }>(runnerPort, 'GET', '/demo')).body.told === 8)
  })

  it('a plugin that is switched off in one has no routes in the other, until somebody switches it on', async () => {
    expect((await ask(runnerPort, 'GET', '/demo')).status).to.equal(200)
    expect((await ask(web.port, 'POST', '/plugins/demo/disable')).status).to.equal(200)
    await until(async () => (await ask(runnerPort, 'GET', '/demo')).status === 404)
    expect((await ask(runnerPort, 'POST', '/plugins/demo/enable')).status).to.equal(200)
    await until(async () => (await ask(web.port, 'GET', '/demo')).status === 200)
  })

  it('wrong passwords given to one count in the other', async () => {
    const wrong = (port: number) =>
      ask(port, 'POST', '/auth/login', { username: 'nobody', password: 'a wrong password' })
    for (let n = 0; n < 5; n++) expect((await wrong(web.port)).status).to.equal(401)
    expect((await wrong(runnerPort)).status).to.equal(429)
  })
})
