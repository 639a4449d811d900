import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { asChild, HostAccounts, inTransientUnits } from './accounts.js'
import type { Doom } from './testing/account-kill.fixture.js'
import type { TransientUnit } from './transient-unit.js'
import { groups, users } from './users.js'

const identity = { name: 'sabcdefghij', uid: 30_000, gid: 30_000 }
/** An id of this process's own: other tests on this machine have tenants too. */
const uid = 40_000 + (process.pid % 10_000)
const fixture = fileURLToPath(new URL('./testing/account-kill.fixture.js', import.meta.url))

describe('accounts of a host', function () {
  this.timeout(30_000)
  let prefix: string
  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip()
    prefix = mkdtempSync(`${tmpdir()}/nusa-accounts-`)
    chmodSync(prefix, 0o711)
    mkdirSync(`${prefix}/etc`)
    writeFileSync(`${prefix}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\nother:x:30001:30001::/:/bin/false\n')
    writeFileSync(`${prefix}/etc/group`, 'root:x:0:\nother:x:30001:\n')
    writeFileSync(`${prefix}/etc/shadow`, 'root:*:19000:0:99999:7:::\n')
    writeFileSync(`${prefix}/etc/gshadow`, 'root:*::\n')
  })
  afterEach(() => prefix && rmSync(prefix, { recursive: true, force: true }))

  const named = () => ['passwd', 'group', 'shadow', 'gshadow'].filter(file => mentions(`${prefix}/etc/${file}`))
  const mentions = (file: string) => readFileSync(file, 'utf8').includes(identity.name)

  it('are made by the tools of the host, once, and removed with their group', async () => {
    const accounts = new HostAccounts(asChild, prefix)
    expect([accounts.isFree(30_000), accounts.isFree(30_001)]).to.deep.equal([true, false])
    await accounts.add(identity, '/srv/www/sabcdefghij')
    await accounts.add(identity, '/srv/www/sabcdefghij')
    expect(users(`${prefix}/etc`)).to.deep.include(identity)
    expect(groups(`${prefix}/etc`).filter(group => group.gid === 30_000)).to.have.length(1)
    expect(accounts.isFree(30_000)).to.equal(false)
    await accounts.remove(identity)
    await accounts.remove(identity)
    expect(accounts.isFree(30_000)).to.equal(true)
    expect(named()).to.deep.equal([])
  })

  it('say what the tool said when it does not get there', async () => {
    const accounts = new HostAccounts(asChild, prefix)
    writeFileSync(`${prefix}/etc/group`, 'root:x:0:\nother:x:30000:\n')
    const failure = (await accounts.add(identity, '/').catch(error => error)) as Problem
    expect(failure).to.be.instanceOf(Problem)
    expect([failure.code, failure.params.tenant]).to.deep.equal(['tenant_account_failed', identity.name])
    expect(failure.params.output).to.include('30000')
  })

  it('take with them what the host keeps under their name: cron lines, jobs of at, mail, lingering', async () => {
    const accounts = new HostAccounts(asChild, prefix)
    await accounts.add(identity, '/')
    const file = (path: string, uid = 0) => {
      mkdirSync(`${prefix}/var/${path.slice(0, path.lastIndexOf('/'))}`, { recursive: true })
      writeFileSync(`${prefix}/var/${path}`, '')
      spawnSync('/usr/bin/chown', [String(uid), `${prefix}/var/${path}`])
    }
    for (const directory of ['spool/cron/crontabs', 'mail', 'lib/systemd/linger'])
      for (const name of [identity.name, 'other']) file(`${directory}/${name}`)
    file('spool/cron/atjobs/a0000101b2c3d4', identity.uid)
    file('spool/cron/atjobs/a0000201b2c3d4', 30_001)
    await accounts.remove(identity)
    const left = spawnSync('/usr/bin/find', [`${prefix}/var`, '-type', 'f', '-printf', '%P\\n'], { encoding: 'utf8' })
    expect(left.stdout.trim().split('\n').sort()).to.deep.equal([
      'lib/systemd/linger/other',
      'mail/other',
      'spool/cron/atjobs/a0000201b2c3d4',
      'spool/cron/crontabs/other',
    ])
  })

  for (const moment of ['before', 'after'] as const)
    for (const [during, tools] of [
      ['create', ['groupadd', 'useradd']],
      ['remove', ['userdel']],
    ] as const)
      for (const tool of tools)
        it(`are whole or gone when the broker was killed ${moment} ${tool} and is asked again`, async () => {
          const doom: Doom = { prefix, state: `${prefix}/state`, uid, during, tool, moment, act: 'die' }
          expect(run(doom).signal).to.equal('SIGKILL')
          // The registry knows whatever exists, so a removal finds it.
          expect(run({ ...doom, act: 'remove' }).status).to.equal(0)
          expect(named()).to.deep.equal([])
        })

  it('are completed when a creation is asked for again', () => {
    const doom: Doom = {
      prefix,
      state: `${prefix}/state`,
      uid,
      during: 'create',
      tool: 'useradd',
      moment: 'before',
      act: 'die',
    }
    expect(run(doom).signal).to.equal('SIGKILL')
    expect(named()).to.deep.equal(['group', 'gshadow'])
    expect(run({ ...doom, act: 'create' }).status).to.equal(0)
    expect(named()).to.deep.equal(['passwd', 'group', 'shadow', 'gshadow'])
  })

  function run(doom: Doom) {
    const child = spawnSync(process.execPath, [fixture, JSON.stringify(doom)], { encoding: 'utf8' })
    if (child.status) throw new Error(child.stderr)
    return child
  }
})

it('accounts of a server are made in units of their own, which may write nothing but what they need', async () => {
  const asked: TransientUnit[] = []
  const run = async (unit: TransientUnit) => void asked.push(unit)
  await inTransientUnits({ run })({ name: identity.name, verb: 'userdel' }, ['/usr/sbin/userdel', '--', identity.name])
  const [unit] = asked
  expect(unit?.unit).to.equal(`nusantara-account-userdel-${identity.name}`)
  expect(unit?.command).to.deep.equal(['/usr/sbin/userdel', '--', identity.name])
  expect(unit?.properties).to.include.members([
    'ProtectSystem=strict',
    'ReadWritePaths=/etc -/var/spool/cron -/var/mail -/var/lib/systemd/linger',
    'PrivateNetwork=yes',
  ])
})
