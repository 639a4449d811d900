import 'reflect-metadata'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { newTenantId, type TenantId } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import { BrokerClient } from '../broker-client/broker-client.js'
import { pluginBroker } from '../broker-client/plugin-broker.js'
import { allProcesses, processStat } from './process-identity.js'
import { type BrokerHome, brokerHome, type RunningBroker, startBroker, unprivileged } from './testing/broker-process.js'
import { until } from './testing/until.js'

const actor = {
  kind: 'user',
  id: 'u1',
  name: 'ani',
  assurance: 'full',
  admin: true,
  permissions: new Set<string>(),
  accounts: [],
  locale: 'en',
} as const
const text = { type: 'pattern', pattern: '[^]*', maxLength: 200 }
const op = (bin: string, argv: unknown[], more: object = {}) => ({ bin, argv, runAs: 'root', risk: 'low', ...more })
const manifest = {
  tenants: true,
  params: { word: text, words: text, seconds: { type: 'integer', min: 0, max: 100 }, file: { type: 'path' } },
  operations: {
    echo: op('/usr/bin/printf', ['%s;', { each: 'words' }]),
    env: op('/usr/bin/env', []),
    cat: op('/usr/bin/cat', [], { stdin: { maxBytes: 100_000 }, maxOutput: 1000 }),
    big: op('/usr/bin/seq', ['1', '300000'], { maxOutput: 64 }),
    sleep: op('/usr/bin/sleep', [{ param: 'seconds' }], { timeout: '1s', concurrency: 2 }),
    long: op('/usr/bin/sleep', [{ param: 'seconds' }], { timeout: '60s' }),
    stubborn: op('/usr/bin/perl', ['-e', '$SIG{TERM}="IGNORE"; if (!fork) { setpgrp; sleep 98; } sleep 97'], {
      timeout: '1s',
    }),
    orphan: op('/usr/bin/perl', ['-e', 'use POSIX; if (!fork) { POSIX::setsid(); sleep 96; }']),
    fail: op('/usr/bin/ls', ['/nonexistent/x']),
    missing: op('/usr/bin/no-such-program', []),
    whoami: op('/usr/bin/id', ['-u'], { runAs: 'tenant' }),
    status: op('/usr/bin/cat', ['/proc/self/status'], { runAs: 'tenant' }),
    touch: op('/usr/bin/touch', ['--', { param: 'file' }], { runAs: 'tenant', cwd: 'tenant:root' }),
  },
  services: {
    sleeper: {
      unit: 'sleeper.service',
      verbs: ['start', 'stop', 'restart', 'reload', 'status'],
      reload: { signal: 'HUP' },
      directories: [['${run}/sleeper']],
      sandbox: { bin: '/usr/bin/perl', argv: ['-e', '$|=1; $SIG{HUP}=sub{print "hup\\x0a"}; fork; while(1){sleep 1}'] },
    },
    crasher: {
      unit: 'crasher.service',
      verbs: ['start', 'status'],
      sandbox: { bin: '/usr/bin/sleep', argv: ['0.06'] },
    },
    waiting: {
      unit: 'waiting.service',
      verbs: ['start', 'stop', 'status'],
      sandbox: {
        bin: '/usr/bin/perl',
        argv: ['-e', 'exit 1 unless -e $ARGV[0]; sleep 99', ['${etc}/needed']],
      },
    },
    broken: { unit: 'broken.service', verbs: ['start', 'status'], sandbox: { bin: '/usr/bin/false', argv: [] } },
    perTenant: {
      unit: ['site@', { param: 'tenant' }, '.service'],
      verbs: ['start', 'stop', 'status'],
      sandbox: { bin: '/usr/bin/sleep', argv: ['95'] },
    },
  },
}
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    error => (error instanceof Problem ? error.code : String(error)),
  )

for (const mode of ['unprivileged, one user', 'root, one user for each tenant'] as const) {
  const isolated = mode.startsWith('root')
  describe(`broker (${mode})`, function () {
    this.timeout(20_000)
    let home: BrokerHome
    let broker: RunningBroker
    let client: BrokerClient
    let plugin: ReturnType<typeof pluginBroker>
    const user = isolated ? undefined : unprivileged()

    const connect = async () => {
      broker = await startBroker(home, user)
      client = new BrokerClient({ brokerSocket: broker.socket })
      const { policies } = await client.call('policy.describe', { plugin: 'demo' })
      plugin = pluginBroker(client, 'demo', policies[0]?.digest ?? '')
    }
    before(async function () {
      if (isolated && process.getuid?.() !== 0) this.skip()
      home = brokerHome(isolated ? { users: 'per-tenant', panelUser: 'daemon', webUser: 'www-data' } : {}, user)
      if (isolated) (await import('node:fs')).chmodSync(home.directory, 0o711)
      home.plugin('demo', manifest)
      home.plugin('other', { operations: {} })
      await connect()
    })
    after(async () => {
      await client?.close()
      if (broker) expect(await broker.stop('SIGINT'), broker.stderr()).to.equal(0)
      home?.remove()
    })

    describe('operations', () => {
      it('get their parameters as whole words', async () => {
        const words = ['a b', '$(id)', ';', '`x`', '"', "'", '*', 'ü', '']
        const { stdout } = await plugin.run('echo', { actor, params: { words } })
        expect(stdout).to.equal(words.map(word => `${word};`).join(''))
      })
      it('get the fixed environment alone', async () => {
        const { stdout } = await plugin.run('env', { actor })
        expect(
          stdout
            .trim()
            .split('\n')
            .map(row => row.split('=')[0])
            .sort(),
        ).to.deep.equal(['LANG', 'NUSA_OPERATION', 'PATH', 'TZ'])
      })
      it('get bounded input and give bounded output', async () => {
        expect((await plugin.run('cat', { actor, input: 'hello' })).stdout).to.equal('hello')
        const cut = await plugin.run('cat', { actor, input: 'x'.repeat(5000) })
        expect([cut.stdout.length, cut.truncated]).to.deep.equal([1000, true])
        expect(await code(plugin.run('cat', { actor, input: 'x'.repeat(100_001) }))).to.equal('param_invalid')
        expect(await code(plugin.run('env', { actor, input: 'x' }))).to.equal('param_invalid')
      })
      it('stream all of their output in order, also to a slow reader', async () => {
        const chunks: Uint8Array[] = []
        const result = await plugin.run('big', { actor, onOutput: ({ data }) => chunks.push(data) })
        expect(result.truncated).to.equal(true)
        expect(Buffer.concat(chunks).toString()).to.equal(
          `${Array.from({ length: 300_000 }, (_, index) => index + 1).join('\n')}\n`,
        )
      })
      it('fail with their exit code and output', async () => {
        const failure = (await plugin.run('fail', { actor }).catch(error => error)) as Problem
        expect([failure.code, failure.params.exitCode]).to.deep.equal(['operation_failed', 2])
        expect(failure.params.output).to.match(/nonexistent/)
      })
      it('name a missing program', async () =>
        expect(await code(plugin.run('missing', { actor }))).to.equal('operation_unavailable'))
      it('end at their time limit with everything they started', async () => {
        const started = performance.now()
        expect(await code(plugin.run('stubborn', { actor }))).to.equal('operation_timeout')
        expect(performance.now() - started).to.be.lessThan(6000)
        await until(() => !running('sleep 9[78]'), 'the end of its descendants')
      })
      it('leave no descendant behind, not even in another session', async () => {
        await plugin.run('orphan', { actor })
        await until(() => !running('sleep 96'), 'the end of the orphan')
      })
      it('wait for their turn beyond their concurrency', async () => {
        const started = performance.now()
        await Promise.all([1, 2, 3, 4].map(() => plugin.run('sleep', { actor, params: { seconds: 0 } })))
        const runs = await Promise.all(
          [1, 2, 3].map(() => code(plugin.run('sleep', { actor, params: { seconds: 1 } }))),
        )
        expect(runs).to.have.length(3)
        expect(performance.now() - started).to.be.greaterThan(1900)
      })
      it('end when their caller cancels or goes away', async () => {
        const controller = new AbortController()
        const run = plugin
          .run('long', { actor, params: { seconds: 94 }, signal: controller.signal })
          .catch(error => error)
        await until(() => children(broker.pid).length > 0, 'the start')
        controller.abort()
        expect(((await run) as Error).name).to.equal('AbortError')
        await until(() => children(broker.pid).length === 0, 'the end')
        const second = new BrokerClient({ brokerSocket: broker.socket })
        const { policies } = await client.call('policy.describe', { plugin: 'demo' })
        const gone = code(
          pluginBroker(second, 'demo', policies[0]?.digest ?? '').run('long', { actor, params: { seconds: 93 } }),
        )
        await until(() => children(broker.pid).length > 0, 'the start')
        await second.close()
        expect(await gone).to.equal('broker_unavailable')
        await until(() => children(broker.pid).length === 0, 'the end')
      })
    })

    describe('tenants', () => {
      const tenant = newTenantId()
      it('are made once, with directories that are theirs', async () => {
        const info = await plugin.createTenant(tenant, { actor })
        expect(await plugin.createTenant(tenant, { actor })).to.deep.equal(info)
        expect(info.root).to.equal(`${home.config.roots.www}/${tenant}/files`)
        expect(statSync(info.root).isDirectory()).to.equal(true)
        if (!isolated) return
        expect(info.uid).to.be.within(30_000, 59_999)
        const shape = (path: string) => {
          const { mode, uid } = statSync(path)
          return [(mode & 0o7777).toString(8), uid]
        }
        expect(shape(info.home)).to.deep.equal(['711', 0])
        expect(shape(info.root)).to.deep.equal(['2750', info.uid])
        expect(shape(`${info.home}/tmp`)).to.deep.equal(['700', info.uid])
        expect(shape(info.log)).to.deep.equal(['2751', 0])
        expect(shape(`${home.config.roots.run}/tenants/${tenant}`)).to.deep.equal(['2750', info.uid])
        expect(shape(`${home.config.roots.run}/services/${tenant}`)).to.deep.equal(['2750', 0])
      })
      it('run their operations as themselves, without privileges', async () => {
        const info = await plugin.describeTenant(tenant)
        expect(Number((await plugin.run('whoami', { actor, tenant })).stdout)).to.equal(info?.uid)
        await plugin.run('touch', { actor, tenant, params: { file: 'index.html' } })
        expect(statSync(`${info?.root}/index.html`).uid).to.equal(info?.uid)
        if (!isolated) return
        const { stdout } = await plugin.run('status', { actor, tenant })
        expect(stdout)
          .to.match(/^NoNewPrivs:\s1$/m)
          .and.match(/^CapBnd:\s0+$/m)
          .and.match(/^CapPrm:\s0+$/m)
          .and.match(/^Groups:\s*$/m)
      })
      it('are needed where an operation names them and refused where it does not', async () => {
        expect(await code(plugin.run('whoami', { actor }))).to.equal('tenant_unknown')
        expect(await code(plugin.run('whoami', { actor, tenant: newTenantId() }))).to.equal('tenant_unknown')
        expect(await code(plugin.run('env', { actor, tenant }))).to.equal('param_invalid')
      })
      it('run a service each', async () => {
        const { pid } = await plugin.service('perTenant', 'start', { actor, tenant })
        const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
        expect(uid).to.equal((await plugin.describeTenant(tenant))?.uid)
        expect((await plugin.service('perTenant', 'stop', { actor, tenant })).active).to.equal(false)
      })
      it('go without a trace outside, links and unreadable directories included', async () => {
        const info = await plugin.describeTenant(tenant)
        const bait = `${home.directory}/bait`
        mkdirSync(`${bait}/inner`, { recursive: true })
        writeFileSync(`${bait}/inner/file`, 'keep me')
        symlinkSync(bait, `${info?.root}/link`)
        await plugin.run('touch', { actor, tenant, params: { file: 'a' } })
        await plugin.removeTenant(tenant, { actor, keepFiles: false })
        await plugin.removeTenant(tenant, { actor, keepFiles: false })
        const { run } = home.config.roots
        for (const path of [info?.home, info?.log, `${run}/tenants/${tenant}`, `${run}/services/${tenant}`])
          expect(existsSync(path as string), path).to.equal(false)
        expect(readFileSync(`${bait}/inner/file`, 'utf8')).to.equal('keep me')
        expect(await plugin.describeTenant(tenant)).to.equal(null)
      })
      it('never return', async () =>
        expect(await code(plugin.createTenant(tenant, { actor }))).to.equal('tenant_exists'))
      it('leave their files in the attic when asked to', async () => {
        const kept = newTenantId()
        const before = await plugin.createTenant(kept, { actor })
        await plugin.run('touch', { actor, tenant: kept, params: { file: 'x' } })
        await plugin.removeTenant(kept, { actor, keepFiles: true })
        const attic = `${home.config.roots.state}/attic`
        const name = readdirSync(attic).find(entry => entry.startsWith(kept) && !entry.endsWith('.log'))
        expect(lstatSync(`${attic}/${name}/files/x`).uid).to.equal(before.uid)
        if (isolated) {
          const next = await plugin.createTenant(newTenantId(), { actor })
          expect(next.uid).to.be.greaterThan(before.uid)
        }
      })
      it('belong to plugins that may have them', async () => {
        const { policies } = await client.call('policy.describe', { plugin: 'other' })
        const other = pluginBroker(client, 'other', policies[0]?.digest ?? '')
        expect(await code(other.createTenant(newTenantId(), { actor }))).to.equal('tenant_refused')
        expect(await code(plugin.createTenant('../../etc' as TenantId, { actor }))).to.equal('param_invalid')
      })
    })

    describe('services', () => {
      it('start, take a signal, and stop with all of their processes', async () => {
        const started = await plugin.service('sleeper', 'start', { actor })
        expect(started.active).to.equal(true)
        expect((await plugin.service('sleeper', 'start', { actor })).pid).to.equal(started.pid)
        await until(() => children(started.pid as number).length === 1, 'the worker')
        const worker = children(started.pid as number)[0] as number
        await plugin.service('sleeper', 'reload', { actor })
        await until(
          () => readFileSync(`${home.config.roots.log}/services/sleeper.service.log`, 'utf8').includes('hup'),
          'the signal',
        )
        expect((await plugin.service('sleeper', 'stop', { actor })).active).to.equal(false)
        await until(() => !alive(worker), 'the end of the worker')
        expect(await code(plugin.service('sleeper', 'reload', { actor }))).to.equal('service_failed')
      })
      it('say why they do not start', async () =>
        expect(await code(plugin.service('broken', 'start', { actor }))).to.equal('service_failed'))
      it('do only the verbs of their manifest', async () => {
        expect(await code(plugin.service('crasher', 'stop', { actor }))).to.equal('verb_refused')
        expect(await code(plugin.service('nope', 'start', { actor }))).to.equal('service_unknown')
        expect(await code(plugin.service('sleeper', 'start', { actor, params: { word: 'x' } }))).to.equal(
          'param_invalid',
        )
      })
      it('start again when they crash, and are left alone when they keep crashing', async () => {
        await plugin.service('crasher', 'start', { actor })
        await until(
          async () => /ended 5 times/.test((await plugin.service('crasher', 'status', { actor })).detail ?? ''),
          'giving up',
          15_000,
        )
      })
      it('run on through kill -9 of the broker and are adopted by the next', async () => {
        const { pid } = await plugin.service('sleeper', 'start', { actor })
        await client.close()
        await broker.stop('SIGKILL')
        await connect()
        expect(await plugin.service('sleeper', 'status', { actor })).to.include({ active: true, pid })
        process.kill(pid as number, 'SIGKILL')
        await until(async () => {
          const now = await plugin.service('sleeper', 'status', { actor })
          return now.active && now.pid !== pid
        }, 'the restart of an adopted service')
      })
      it('run on through a graceful stop, and end with SIGINT, to be started again', async () => {
        const { pid } = await plugin.service('sleeper', 'status', { actor })
        await client.close()
        expect(await broker.stop('SIGTERM')).to.equal(0)
        await connect()
        expect((await plugin.service('sleeper', 'status', { actor })).pid).to.equal(pid)
        await client.close()
        expect(await broker.stop('SIGINT')).to.equal(0)
        expect(alive(pid as number)).to.equal(false)
        await connect()
        const again = await plugin.service('sleeper', 'status', { actor })
        expect(again.active).to.equal(true)
        expect(again.pid).not.to.equal(pid)
      })
    })

    describe('services that cannot start', () => {
      it('are still wanted by the next broker, when a start at the start of a broker failed', async () => {
        const needed = `${home.config.roots.etc}/needed`
        writeFileSync(needed, '')
        await plugin.service('waiting', 'start', { actor })
        const restart = async () => {
          await client.close()
          expect(await broker.stop('SIGINT')).to.equal(0)
          await connect()
          return plugin.service('waiting', 'status', { actor })
        }
        rmSync(needed)
        const without = await restart()
        expect(without.active).to.equal(false)
        expect(without.detail).to.match(/exited with code 1/)
        writeFileSync(needed, '')
        expect((await restart()).active).to.equal(true)
        await plugin.service('waiting', 'stop', { actor })
        expect((await restart()).active).to.equal(false)
      })
    })

    describe('as a whole', () => {
      it('refuses a configuration or a state that others could write', async () => {
        const refused = () => startBroker(home, user).catch((error: Error) => error.message)
        for (const path of [home.configFile, home.config.roots.state]) {
          await client.close()
          await broker.stop()
          const { mode } = statSync(path)
          chmodSync(path, 0o777)
          const answer = await refused()
          chmodSync(path, mode & 0o7777)
          await connect()
          expect(answer).to.match(/is writable by everybody/)
        }
      })

      it('refuses a second broker on the same state', async () => {
        expect(await startBroker(home, user).catch((error: Error) => error.message)).to.match(/another broker/)
      })
      it('answers what runs before it ends', async () => {
        const run = plugin.run('sleep', { actor, params: { seconds: 0 } })
        const slow = code(plugin.run('long', { actor, params: { seconds: 1 } }))
        await run
        await until(() => children(broker.pid).length > 0, 'the start')
        expect(await broker.stop()).to.equal(0)
        expect(await slow).to.equal('ok')
        expect(await code(plugin.run('env', { actor }))).to.equal('broker_unavailable')
        await client.close()
        await connect()
      })
      it('approves over root alone', async () => {
        home.plugin('third', { operations: {} }, {}, true)
        const [third] = (await client.call('policy.describe', { plugin: 'third' })).policies
        const request = { plugin: 'third', digest: third?.digest ?? '' }
        expect(third?.state).to.equal('unapproved')
        expect(await code(client.call('policy.approve', request))).to.equal('broker_protocol')
        const admin = new BrokerClient({ brokerSocket: broker.adminSocket })
        expect((await admin.call('policy.approve', request)).state).to.equal('disabled')
        await admin.close()
        expect((await client.call('policy.enable', request)).state).to.equal('enabled')
        expect(statSync(broker.adminSocket).mode & 0o777).to.equal(0o600)
        expect(statSync(broker.socket).mode & 0o777).to.equal(0o660)
      })
      it('journals all of it without a gap', async () => {
        const report = await client.call('audit.verify', { checkpoint: await client.call('audit.head', {}) })
        expect(report.problems).to.deep.equal([])
        expect(report.entries).to.be.greaterThan(50)
      })
    })
  })
}

/** A zombie waits for its parent, which may be a slow init. */
function alive(pid: number): boolean {
  const stat = processStat(pid)
  return stat !== undefined && stat.state !== 'Z'
}

function children(pid: number): readonly number[] {
  return allProcesses()
    .filter(stat => stat.parent === pid && stat.state !== 'Z')
    .map(stat => stat.pid)
}

/** Whether a process runs whose command line matches. */
function running(pattern: string): boolean {
  const expression = new RegExp(pattern)
  return allProcesses().some(({ pid, state }) => {
    if (state === 'Z') return false
    try {
      return expression.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
    } catch {
      return false
    }
  })
}
