import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import {
  type BrokerHome,
  brokerHome,
  type RunningBroker,
  startBroker,
  unprivileged,
} from '../broker/testing/broker-process.js'
import { BrokerClient } from '../broker-client/broker-client.js'

const program = fileURLToPath(new URL('./main.js', import.meta.url))
const privileges = {
  tenants: true,
  operations: {
    look: { bin: '/usr/bin/uptime', argv: ['--pretty'], runAs: 'root', risk: 'low' },
    gone: { bin: '/usr/bin/no-such-program', argv: [], runAs: 'root', risk: 'high' },
  },
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

describe('nusa plugins approve', function () {
  this.timeout(30_000)
  let home: BrokerHome
  let broker: RunningBroker
  let client: BrokerClient

  before(async () => {
    home = brokerHome()
    home.plugin('own', { operations: {} })
    home.plugin('third', privileges, {}, true)
    home.plugin('broken', { operations: { no: {} } }, {}, true)
    broker = await startBroker(home)
    client = new BrokerClient({ brokerSocket: broker.socket })
    chmodSync(home.directory, 0o755)
    chmodSync(`${home.directory}/run`, 0o755)
  })
  after(async () => {
    await client.close()
    await broker.stop()
    home.remove()
  })

  const run = (
    command: readonly string[],
    options: { readonly input?: string; readonly user?: { uid: number; gid: number }; readonly home?: string } = {},
  ): Promise<Ended> => {
    const [file = '', ...args] = command
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', NUSA_HOME: options.home ?? home.directory }
    const child = spawn(file, args, { env, ...options.user })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', chunk => (said[name] += chunk))
    // A person answers when asked.
    child.stdout.on('data', () => {
      if (options.input && said.stdout.includes('to approve:')) child.stdin.end(options.input)
    })
    if (!options.input) child.stdin.end()
    return new Promise(resolve => child.once('close', code => resolve({ code, ...said })))
  }
  const approve = (plugin: string, ...flags: string[]) =>
    run([process.execPath, program, 'plugins', 'approve', plugin, ...flags])
  /** In a terminal of its own, `script` of Debian's essential bsdutils. */
  const inTerminal = (plugin: string, answer: string) =>
    run(['script', '-qec', `${process.execPath} ${program} plugins approve ${plugin}`, '/dev/null'], {
      input: `${answer}\n`,
    })
  const state = async () => {
    const { policies } = await client.call('policy.describe', { plugin: 'third' })
    return policies[0]?.state
  }

  it('shows the privileges in words with their digest, and asks where there is a terminal', async () => {
    const [third] = (await client.call('policy.describe', { plugin: 'third' })).policies
    const { code, stdout, stderr } = await approve('third')
    expect(code).to.equal(2)
    expect(stdout).to.include('Runs “/usr/bin/uptime --pretty” as the administrator (root)')
    expect(stdout).to.include('Creates and removes the system users of sites')
    expect(stdout).to.include('/usr/bin/no-such-program is not installed')
    expect(stdout).to.include(String(third?.digest))
    expect(stderr).to.include('--yes')
    expect(await state()).to.equal('unapproved')
  })

  it('approves nothing on another answer than the plugin’s id', async () => {
    expect(await inTerminal('third', 'y')).to.include({ code: 1 })
    expect(await state()).to.equal('unapproved')
  })

  it('is refused to whoever may not open root’s socket', async () => {
    const user = unprivileged()
    if (!user) chmodSync(broker.adminSocket, 0)
    const command = [process.execPath, program, 'plugins', 'approve', 'third', '--yes']
    const { code, stdout, stderr } = await run(command, user ? { user } : {})
    if (!user) chmodSync(broker.adminSocket, 0o600)
    expect(stderr).to.include('Only root approves privileges')
    expect(stdout).to.equal('')
    expect(code).to.equal(3)
    expect(await state()).to.equal('unapproved')
  })

  it('approves what was typed, once', async () => {
    const { code, stdout } = await inTerminal('third', 'third')
    expect(code, stdout).to.equal(0)
    expect(await state()).to.equal('disabled')
    const again = await approve('third', '--yes')
    expect(again.stdout).to.include('approved already')
    expect(again.code).to.equal(0)
  })

  it('asks again after the privileges changed, and marks what differs from what was approved', async () => {
    const { look } = privileges.operations
    const operations = { look: { ...look, timeout: '1h' }, more: { ...look, argv: ['--since'] } }
    home.plugin('third', { operations }, {}, true)
    expect(await state()).to.equal('unapproved')
    const { code, stdout } = await approve('third', '--yes')
    expect(code).to.equal(0)
    const line = (text: string) => stdout.split('\n').find(each => each.includes(text))
    expect(line('uptime --pretty')).to.match(/^ {2}~ /)
    expect(line('uptime --since')).to.match(/^ {2}\+ /)
    expect(line('no-such-program')).to.match(/^ {2}- /)
    expect(line('system users')).to.match(/^ {2}- /)
    expect(await state()).to.equal('disabled')
    expect((await approve('third')).stdout).not.to.match(/^ {2}[~+-] /m)
  })

  it('names what cannot be approved', async () => {
    expect((await approve('nobody', '--yes')).stderr)
      .to.include('There are: ')
      .and.include('third')
    const broken = await approve('broken', '--yes')
    expect(broken.stderr).to.include('its files are refused').and.include('operations.no')
    expect(broken.code).to.equal(1)
    expect(await approve('own')).to.include({ code: 0 })
    expect((await approve('third', '--ye')).stderr).to.include('did you mean --yes')
    const elsewhere = await run([process.execPath, program, 'plugins', 'approve', 'x'], { home: '/nonexistent' })
    expect(elsewhere.code).to.equal(3)
    expect(elsewhere.stderr).to.include('NUSA_HOME')
  })
})
