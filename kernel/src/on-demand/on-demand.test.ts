import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { get as httpsGet } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Broker } from '../broker/broker.js'
import { type BrokerHome, brokerHome } from '../broker/testing/broker-process.js'
import { until } from '../broker/testing/until.js'
import type { Config } from '../config/config.js'
import { nodeFlags } from '../host/node-flags.js'
import { writePlugin } from '../plugins/plugin-fixtures.js'
import { startPostgres, type TestPostgres } from '../testing/postgres.js'
import { ServiceManager } from '../testing/service-manager.js'
import type { Told } from './on-demand.fixture.js'
import type { OnDemandSettings } from './on-demand-settings.js'

const program = fileURLToPath(new URL('./on-demand.fixture.js', import.meta.url))

/** A job that notes its runs and takes a second; a schedule whose runs are noted. */
const start = (notes: string, cron: string) => `
  const { Joi, object, defineJob } = sdk
  const { appendFileSync } = await import('node:fs')
  const slow = defineJob({ type: 'demo.slow', version: 1, input: object({ ms: Joi.number().required() }) })
    .step('only', { onCrash: 'replay', run: async ({ input }) => {
      appendFileSync('${notes}', 'begun\\n')
      await new Promise(resolve => setTimeout(resolve, input.ms))
      appendFileSync('${notes}', 'done\\n')
      return null
    } })
  ctx.jobs.define(slow, undefined)
  ctx.schedules.add({ name: 'tick', cron: '${cron}', missed: 'run_once', run: async () => appendFileSync('${notes}', 'tick\\n') })
  ctx.http.route({ operation: 'demo.start', method: 'POST', path: '/start', permission: 'demo:use', summary: 'Start',
    body: object({ ms: Joi.number().required(), inMs: Joi.number() }), response: object({}).unknown(),
    handler: async ({ body, actor }) => {
      await ctx.jobs.submit(slow, { ms: body.ms },
        { request: { actor }, ...(body.inMs && { notBefore: new Date(Date.now() + body.inMs) }) })
      return {}
    } })
`

for (const dialect of ['sqlite', 'postgres'] as const)
  describe(`a panel on demand (${dialect})`, function () {
    this.timeout(60_000)
    let postgres: TestPostgres | undefined
    let home: BrokerHome
    let broker: Broker
    let manager: ServiceManager | undefined
    let wakes: (string | null)[]
    before(async () => {
      if (dialect === 'postgres') postgres = await startPostgres()
    })
    after(() => postgres?.stop())
    beforeEach(async () => {
      home = brokerHome()
      wakes = []
      const wake = { set: async (at: Date | null) => void wakes.push(at?.toISOString() ?? null) }
      broker = await Broker.start(home.config, home.configFile, 'broker', wake)
      await broker.serve(home.config)
    })
    afterEach(async () => {
      await manager?.stop()
      manager = undefined
      await broker.stop({ services: true })
      home.remove()
    })

    const panelHome = () => join(home.directory, 'panel')
    const pending = () => existsSync(join(panelHome(), 'pending'))
    const notes = () => join(home.directory, 'notes')
    const noted = (what: string) =>
      existsSync(notes())
        ? readFileSync(notes(), 'utf8')
            .split('\n')
            .filter(line => line === what).length
        : 0
    const cliSocket = () => join(home.directory, 'cli.sock')
    const frontSocket = () => join(home.directory, 'front.sock')

    const hold = async (settings: Partial<OnDemandSettings>, cron = '0 3 * * *', more: Partial<Config> = {}) => {
      const plugins = join(home.directory, 'panel-plugins')
      await writePlugin(plugins, { id: 'demo', permissions: { 'demo:use': {} }, start: start(notes(), cron) })
      const config: Config = {
        profile: 'system',
        home: panelHome(),
        port: 8443,
        listen: ['127.0.0.1'],
        hosts: [],
        sites: { httpPort: 0, httpsPort: 0 },
        trustedProxies: [],
        logLevel: 'warn',
        pluginDirs: [plugins],
        brokerSocket: `${home.config.socketDir}/broker.sock`,
        uiDir: join(home.directory, 'ui'),
        roles: ['web', 'runner'],
        bcryptCost: 4,
        ...(postgres && { databaseUrl: await postgres.createDatabase() }),
        ...more,
      }
      const told: Told = { config, settings: { knockMs: 1_000, idleMs: 2_000, soonMs: 500, retryMs: 200, ...settings } }
      const file = join(home.directory, 'told.json')
      writeFileSync(file, JSON.stringify(told))
      manager = await ServiceManager.hold(
        [
          { name: 'https' },
          { name: 'cli', path: cliSocket(), mode: 0o600 },
          { name: 'front', path: frontSocket(), mode: 0o600 },
        ],
        [process.execPath, ...nodeFlags.panel, program, file],
        {
          PATH: process.env.PATH,
          ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
        },
      )
      return manager
    }
    const left = (held: ServiceManager, times: number) =>
      held.until(() => held.exits.length === times, `leave ${times}`, 30_000)
    const page = (held: ServiceManager) =>
      new Promise<number>((resolve, reject) => {
        const port = held.ports.get('https')
        httpsGet({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false }, response => {
          response.resume()
          response.on('end', () => resolve(response.statusCode ?? 0))
        }).on('error', reject)
      })
    const ask = (method: string, path: string, body?: unknown) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const payload = body === undefined ? undefined : JSON.stringify(body)
        const headers = {
          Host: 'localhost',
          ...(payload && { 'Content-Type': 'application/json', 'Content-Length': payload.length }),
        }
        const options = { socketPath: cliSocket(), method, path: `/api/v1${path}`, headers, agent: false }
        request(options, resolve).on('error', reject).end(payload)
      })
    const answered = async (method: string, path: string, body?: unknown) => {
      const response = await ask(method, path, body)
      const text = await readAll(response)
      expect(response.statusCode, text).to.be.within(200, 299)
      return text
    }

    it('is started by a connection, leaves soon after one that was nobody’s, and is there again for the next', async () => {
      const held = await hold({ idleMs: 600_000 })
      expect(held.starts).to.deep.equal([])
      expect(await page(held)).to.equal(200)
      await left(held, 1)
      expect(held.exits).to.deep.equal([0])
      expect(pending(), 'nothing was left open').to.equal(false)
      expect(wakes, 'the broker knows the next schedule').to.have.length(1)
      expect(wakes[0]).to.match(/T03:00:00\.000Z$/)
      const scanner = connect(held.ports.get('https') as number, '127.0.0.1', () => scanner.end())
      await left(held, 2)
      expect(await page(held)).to.equal(200)
    })

    it('is started by what a web server sends on, which counts as a visit', async () => {
      const held = await hold({ idleMs: 600_000 })
      const options = {
        socketPath: frontSocket(),
        path: '/healthz',
        headers: { Host: 'panel.example.test', 'X-Forwarded-For': '198.51.100.7' },
        agent: false,
      }
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(options, resolve).on('error', reject).end()
      })
      expect([answer.statusCode, await readAll(answer)]).to.deep.equal([200, 'ok\n'])
      expect(held.starts).to.have.length(1)
      await left(held, 1)
      expect(held.exits).to.deep.equal([0])
    })

    it('stays for the idle time after somebody known asked, and for as long as a stream is open', async () => {
      const held = await hold({ idleMs: 4_000 })
      await answered('GET', '/jobs')
      await delay(2_500)
      expect(held.exits, 'within the idle time').to.deep.equal([])
      const stream = await ask('GET', '/events?topics=notifications')
      expect(stream.statusCode).to.equal(200)
      await delay(5_500)
      expect(held.exits, 'somebody listens').to.deep.equal([])
      stream.destroy()
      await left(held, 1)
      expect(held.exits).to.deep.equal([0])
    })

    it('does not leave over a job, and a mark outlives a kill until the job is done', async () => {
      const held = await hold({ idleMs: 500, knockMs: 500 })
      await answered('POST', '/demo/start', { ms: 2_500 })
      await until(() => noted('begun') === 1, 'the begin of the job', 20_000)
      expect(pending()).to.equal(true)
      await delay(1_500)
      expect(held.exits, 'the job runs').to.deep.equal([])
      process.kill(held.starts[0] as number, 'SIGKILL')
      await left(held, 1)
      expect(pending(), 'whoever boots sees it').to.equal(true)
      // What nusantara-pending.service does after a reboot.
      held.start()
      await left(held, 2)
      expect(held.exits[1], held.stderr).to.equal(0)
      expect(noted('done')).to.equal(1)
      expect(pending()).to.equal(false)
    })

    it('hands on when the next job or schedule is due, and loses neither over the border', async () => {
      const held = await hold({ idleMs: 200, knockMs: 200 })
      await answered('POST', '/demo/start', { ms: 1, inMs: 3_600_000 })
      await left(held, 1)
      const at = Date.parse(wakes.at(-1) as string)
      expect(at - Date.now(), 'the job comes before the nightly schedule or not').to.be.at.most(3_600_000)
      expect(noted('done')).to.equal(0)
      await manager?.stop()
      rmSync(notes(), { force: true })
      // Every five seconds, and whoever starts the panel keeps to the time that it was told.
      const often = await hold({ idleMs: 200, knockMs: 200 }, '*/5 * * * * *')
      const began = Date.now()
      often.start()
      for (let leave = 1; leave <= 3; leave++) {
        await left(often, leave)
        expect(often.exits[leave - 1], often.stderr).to.equal(0)
        const next = Date.parse(wakes.at(-1) as string)
        await delay(Math.max(0, next - Date.now()))
        often.start()
      }
      const due = Math.floor((Date.now() - began) / 5_000)
      await until(() => noted('tick') >= Math.min(due, 3), 'the runs of the schedule', 10_000)
    })

    it('answers who comes while it is on its way out', async () => {
      const held = await hold({ idleMs: 200, knockMs: 200 })
      await page(held)
      const pid = held.starts[0] as number
      await until(() => !existsSync(`/proc/${pid}/fd/3`), 'the end of listening', 20_000)
      expect(await page(held)).to.equal(200)
      expect(held.starts).to.have.length(2)
    })

    it('leaves although a job waits for a plugin that is off, and stays while it is told to', async () => {
      const held = await hold({ idleMs: 1_000, knockMs: 500 })
      await answered('POST', '/demo/start', { ms: 1, inMs: 600 })
      await answered('POST', '/plugins/demo/disable')
      await left(held, 1)
      expect([held.exits, pending(), wakes.at(-1)]).to.deep.equal([[0], false, null])
      await manager?.stop()
      const resident = await hold({ idleMs: 200, knockMs: 200 }, '0 3 * * *', { onDemand: false })
      await page(resident)
      await delay(2_000)
      expect([resident.exits, pending()]).to.deep.equal([[], true])
    })

    it('stays while the broker cannot be told when it is needed next', async () => {
      const held = await hold({ idleMs: 200, knockMs: 200 })
      await broker.stop({ services: true })
      await page(held)
      await delay(2_000)
      expect([held.exits, pending()]).to.deep.equal([[], true])
      expect(held.stderr, 'the journal has the log of a server').to.include('could not hand on')
      expect(existsSync(join(panelHome(), 'panel.log'))).to.equal(false)
      const wake = { set: async (at: Date | null) => void wakes.push(at?.toISOString() ?? null) }
      broker = await Broker.start(home.config, home.configFile, 'broker', wake)
      await broker.serve(home.config)
      await left(held, 1)
      expect(wakes).to.have.length(1)
    })
  })
