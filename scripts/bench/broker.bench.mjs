import { spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

/** What one durable journal line costs on this disk. */
function fsyncMedian(directory) {
  const file = openSync(join(directory, 'fsync'), 'a')
  const values = Array.from({ length: rounds }, () => {
    const started = performance.now()
    writeSync(file, `${'x'.repeat(300)}\n`)
    fsyncSync(file)
    return performance.now() - started
  })
  closeSync(file)
  return median(values)
}

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
  const scratch = mkdtempSync(join(tmpdir(), 'nusa-bench-'))
  try {
    const { policies } = await client.call('policy.describe', { plugin: 'bench' })
    const policy = policies[0].digest
    await client.call('policy.enable', { plugin: 'bench', digest: policy })
    const origin = { plugin: 'bench', policy, actor }
    await client.call('tenant.create', { ...origin, tenant })
    const info = (await client.call('tenant.describe', { ...origin, tenant })).tenants[0]
    const asTenant = [
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
    const runs = {
      plain: () => spawned('/usr/bin/true', []),
      root: () => client.call('operation.run', { ...origin, operation: 'root' }),
      setpriv: () => spawned('/usr/bin/setpriv', asTenant),
      tenant: () => client.call('operation.run', { ...origin, operation: 'tenant', tenant }),
      ...(existsSync('/usr/bin/sudo') ? { sudo: () => spawned('/usr/bin/sudo', ['-n', '/usr/bin/true']) } : {}),
    }
    const times = Object.fromEntries(Object.keys(runs).map(name => [name, []]))
    for (const run of Object.values(runs)) await repeated(10, run)
    for (let round = 0; round < rounds; round++)
      for (const [name, run] of Object.entries(runs)) times[name].push(await timed(run))
    const middle = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
    const fsync = fsyncMedian(scratch)
    await client.call('tenant.remove', { ...origin, tenant, keepFiles: false })
    return [
      figure('broker.fsync', fsync, 'ms', { about: 'one durable line of the journal' }),
      figure('broker.root', middle.root, 'ms', {
        baseline: middle.plain,
        target: middle.plain * 1.3 + fsync,
        about: 'beside a plain spawn; target 1.3 × + fsync',
      }),
      figure('broker.tenant', middle.tenant, 'ms', {
        baseline: middle.setpriv,
        target: middle.setpriv * 1.3 + fsync,
        about: 'beside setpriv; target 1.3 × + fsync',
      }),
      ...(middle.sudo
        ? [
            figure('broker.sudo', Math.max(middle.root, middle.tenant), 'ms', {
              baseline: middle.sudo,
              target: middle.sudo,
              about: 'the slower of both beside sudo -n',
            }),
          ]
        : []),
    ]
  } finally {
    client.close()
    await broker.stop()
    rmSync(scratch, { recursive: true, force: true })
    home.remove()
  }
}
