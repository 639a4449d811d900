import { spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { brokerHome, startBroker } from '../../kernel/dist/broker/testing/broker-process.js'
import { BrokerClient } from '../../kernel/dist/broker-client/broker-client.js'
import { figure, median, repeated, timed } from './report.mjs'

export const names = ['broker.root', 'broker.tenant', 'broker.sudo', 'broker.fsync']

const rounds = 60
const tenant = 'sbenchaaaaa'
const actor = { kind: 'system', id: 'bench', name: 'bench' }
const privileges = {
  tenants: true,
  operations: {
    root: { bin: '/usr/bin/true', argv: [], runAs: 'root', risk: 'low' },
    tenant: { bin: '/usr/bin/true', argv: [], runAs: 'tenant', risk: 'low' },
  },
}

const spawned = (bin, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.resume()
    child.stderr.resume()
    child.on('error', reject)
    child.on('close', resolve)
  })

/** One durable line as the journal writes it, to a file beside the journal. */
function durableLine(directory) {
  const file = openSync(join(directory, 'fsync'), 'a')
  const line = `${'x'.repeat(300)}\n`
  return {
    write: async () => {
      writeSync(file, line)
      fdatasyncSync(file)
    },
    close: () => closeSync(file),
  }
}

/** Medians of several things done in turn, so that whatever the machine does meanwhile meets them all. */
async function inTurn(runs) {
  const times = Object.fromEntries(Object.keys(runs).map(name => [name, []]))
  for (const run of Object.values(runs)) await repeated(20, run)
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(runs)) times[name].push(await timed(run))
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
}

const beside = (name, { plain, operation, fsync }, what) =>
  figure(name, operation, 'ms', {
    baseline: plain,
    target: plain * 1.3 + fsync,
    about: `beside ${what}; target 1.3 × + fsync`,
  })

/** The same binary started from a small process of its own, in turn with the broker's operations. */
export async function measure() {
  if (process.getuid() !== 0) throw new Error('the broker figures need root: as root the broker changes users')
  const home = brokerHome({ users: 'per-tenant', panelUser: 'nobody', webUser: 'nobody', panelGroup: 'nogroup' })
  home.plugin('bench', privileges)
  // Tenants pass through to what is theirs, as they do below /srv and /run.
  chmodSync(home.directory, 0o711)
  const broker = await startBroker(home)
  chmodSync(home.config.roots.run, 0o711)
  const client = new BrokerClient({ brokerSocket: broker.socket })
  const line = durableLine(home.config.journalDir)
  try {
    const { policies } = await client.call('policy.describe', { plugin: 'bench' })
    const policy = policies[0].digest
    await client.call('policy.enable', { plugin: 'bench', digest: policy })
    const origin = { plugin: 'bench', policy, actor }
    await client.call('tenant.create', { ...origin, tenant })
    const info = (await client.call('tenant.describe', { ...origin, tenant })).tenants[0]
    const setpriv = [
      '--reuid',
      String(info.uid),
      '--regid',
      String(info.uid),
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
      '--',
      '/usr/bin/true',
    ]
    const run = (operation, more = {}) => client.call('operation.run', { ...origin, operation, ...more })
    const asRoot = await inTurn({
      plain: () => spawned('/usr/bin/true', []),
      operation: () => run('root'),
      fsync: line.write,
    })
    const asTenant = await inTurn({
      plain: () => spawned('/usr/bin/setpriv', setpriv),
      operation: () => run('tenant', { tenant }),
      fsync: line.write,
    })
    const sudo = existsSync('/usr/bin/sudo')
      ? await inTurn({
          plain: () => spawned('/usr/bin/sudo', ['-n', '/usr/bin/true']),
          root: () => run('root'),
          tenant: () => run('tenant', { tenant }),
        })
      : undefined
    await client.call('tenant.remove', { ...origin, tenant, keepFiles: false })
    return [
      figure('broker.fsync', asRoot.fsync, 'ms', { about: 'one durable line, between operations' }),
      beside('broker.root', asRoot, 'a plain spawn'),
      beside('broker.tenant', asTenant, 'setpriv'),
      ...(sudo
        ? [
            figure('broker.sudo', Math.max(sudo.root, sudo.tenant), 'ms', {
              baseline: sudo.plain,
              target: sudo.plain,
              about: 'the slower of both beside sudo -n',
            }),
          ]
        : []),
    ]
  } finally {
    client.close()
    await broker.stop()
    line.close()
    home.remove()
  }
}
