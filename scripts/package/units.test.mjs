import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { nodeFlags } from '../../kernel/dist/host/node-flags.js'
import { phpSettings } from '../../plugins/sites/dist/server/input/php-settings.js'
import { inRoot } from '../lib/paths.mjs'

const folder = inRoot('templates/system/root/usr/lib/systemd/system')
const read = name => readFileSync(join(folder, name), 'utf8')

/** Most exposure that is allowed, of 10 (systemd-analyze(1), `security`). */
const allowed = { 'nusantara-panel.service': 1.5, 'nusantara-broker.service': 4 }

/** What holds a process back. Each must stand in each of the two units, unless it is named as wanting there. */
const holding = [
  'CapabilityBoundingSet',
  'NoNewPrivileges',
  'ProtectSystem',
  'ProtectHome',
  'PrivateTmp',
  'PrivateDevices',
  'DevicePolicy',
  'ProtectClock',
  'ProtectHostname',
  'ProtectKernelTunables',
  'ProtectKernelModules',
  'ProtectKernelLogs',
  'ProtectControlGroups',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'RestrictRealtime',
  'LockPersonality',
  'KeyringMode',
  'SystemCallArchitectures',
  'SystemCallFilter',
  'UMask',
]
const holdingThePanel = [
  'User',
  'AmbientCapabilities',
  'PrivateUsers',
  'PrivateMounts',
  'ProtectProc',
  'ProcSubset',
  'RestrictSUIDSGID',
  'RemoveIPC',
]
const wanted = {
  'nusantara-panel.service': [...holding, ...holdingThePanel],
  'nusantara-broker.service': [...holding, 'IPAddressDeny'],
}

/** Exposure of the unit as its text says, whatever is installed on this machine. */
function exposure(name, text) {
  const directory = mkdtempSync(join(tmpdir(), 'nusa-units-'))
  try {
    writeFileSync(join(directory, name), text)
    const { stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(directory, name)],
      { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } },
    )
    const found = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)
    if (!found) throw new Error(`systemd-analyze said: ${stdout}${stderr}`)
    return Number(found[1])
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const without = (text, directive) => text.replaceAll(new RegExp(`^${directive}=.*\n`, 'gm'), '')
const directiveOf = (text, directive) => new RegExp(`^${directive}=(.*)$`, 'm').exec(text)?.[1]

describe('the systemd units', function () {
  this.timeout(60_000)

  for (const [name, most] of Object.entries(allowed)) {
    it(`leave ${name} an exposure of at most ${most}, by every directive that it has for that`, () => {
      const text = read(name)
      expect(exposure(name, text)).to.be.at.most(most)
      for (const directive of wanted[name]) expect(directiveOf(text, directive), directive).to.be.a('string')
      expect(exposure(name, without(text, 'CapabilityBoundingSet')), 'the measure tells the difference').to.be.above(
        most,
      )
    })

    it(`start ${name} by its sockets, watch over it and give it up when it fails again and again`, () => {
      const text = read(name)
      expect(directiveOf(text, 'Type')).to.equal('notify')
      expect(directiveOf(text, 'WatchdogSec')).to.match(/^\d+(s|min)$/)
      expect(directiveOf(text, 'Restart')).to.equal('on-failure')
      expect(Number(directiveOf(text, 'StartLimitBurst'))).to.be.within(3, 10)
      const sockets = directiveOf(text, 'Sockets').split(' ')
      expect(directiveOf(text, 'Requires').split(' ')).to.include.members(sockets)
      for (const socket of sockets) {
        const unit = read(socket)
        expect(directiveOf(unit, 'Service') ?? socket.replace('.socket', '.service')).to.equal(name)
        expect(directiveOf(unit, 'FileDescriptorName'), socket).to.be.a('string')
        expect(directiveOf(unit, 'WantedBy'), socket).to.equal('sockets.target')
      }
    })
  }

  it('make each directory that the broker must find, outside of what holds it back', () => {
    const text = read('nusantara-broker.service')
    const made = directiveOf(text, 'ExecStartPre')
    expect(made).to.match(/^\+\/usr\/bin\/mkdir -p -m 0755 /)
    const needed = directiveOf(text, 'ReadWritePaths')
      .split(' ')
      .filter(path => /^\/(?:etc|srv)\//.test(path))
    expect(made.split(' ').slice(4)).to.deep.equal(needed)
  })

  it('leave /srv/www as an administrator has it, and make one of root’s where none is', () => {
    const root = mkdtempSync(join(tmpdir(), 'nusa-tmpfiles-'))
    try {
      const rules = readFileSync(inRoot('templates/system/root/usr/lib/tmpfiles.d/nusantara-panel.conf'), 'utf8')
      writeFileSync(join(root, 'www.conf'), /^d \/srv\/www .*$/m.exec(rules)[0])
      const create = () => {
        const { status, stderr } = spawnSync('systemd-tmpfiles', [`--root=${root}`, '--create', join(root, 'www.conf')])
        expect(status, String(stderr)).to.equal(0)
        return statSync(join(root, 'srv/www')).mode & 0o7777
      }
      expect(create()).to.equal(0o755)
      chmodSync(join(root, 'srv/www'), 0o2770)
      expect(create()).to.equal(0o2770)
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  it('starts panel and broker with the flags that their figures were measured with', () => {
    for (const [unit, flags] of [
      ['nusantara-panel.service', nodeFlags.panel],
      ['nusantara-broker.service', nodeFlags.broker],
    ])
      expect(directiveOf(read(unit), 'ExecStart')).to.include(
        `runtime/bin/node ${flags.join(' ')} /usr/lib/nusantara-panel/`,
      )
    expect(directiveOf(read('nusantara-panel.service'), 'Environment').split(' ')).to.include('MALLOC_ARENA_MAX=1')
  })

  it('put back a change that was cut off before any other service starts, and only then', () => {
    const unit = read('nusantara-recover.service')
    expect(directiveOf(unit, 'Type')).to.equal('oneshot')
    expect(directiveOf(unit, 'ExecStart')).to.match(/recover\.js \/etc\/nusantara\/broker\.json --boot$/)
    expect(directiveOf(unit, 'DefaultDependencies')).to.equal('no')
    expect(directiveOf(unit, 'WantedBy')).to.equal('sysinit.target')
    expect(directiveOf(unit, 'Before').split(' ')).to.include.members(['sysinit.target', 'nusantara-broker.service'])
    // A condition with a bar suffices alone (systemd.unit(5)): a batch that is open, or a deadline.
    expect(directiveOf(unit, 'ConditionPathExists')).to.equal('|/var/lib/nusantara-broker/changes/open')
    expect(directiveOf(unit, 'ConditionDirectoryNotEmpty')).to.equal('|/var/lib/nusantara-broker/deadlines')
    expect(exposure('nusantara-recover.service', unit)).to.be.at.most(allowed['nusantara-broker.service'])
    const broker = read('nusantara-broker.service')
    for (const directive of ['CapabilityBoundingSet', 'SystemCallFilter', 'RestrictAddressFamilies'])
      expect(directiveOf(unit, directive), directive).to.equal(directiveOf(broker, directive))
  })

  it('start the panel again for what waits for a time, or was left open when the machine stopped', () => {
    const timer = read('nusantara-wake.timer')
    expect(directiveOf(timer, 'Unit')).to.equal('nusantara-panel.service')
    expect(directiveOf(timer, 'Persistent')).to.equal('yes')
    expect(directiveOf(timer, 'WantedBy')).to.equal('timers.target')
    const pending = read('nusantara-pending.service')
    expect(directiveOf(pending, 'ConditionPathExists')).to.equal('/var/lib/nusantara/pending')
    expect(directiveOf(pending, 'ExecStart')).to.match(/systemctl start --no-block nusantara-panel\.service$/)
    expect(directiveOf(pending, 'WantedBy')).to.equal('multi-user.target')
    // What the broker may write, and where systemd looks for it.
    const dropIns = '/etc/systemd/system/nusantara-wake.timer.d'
    expect(directiveOf(read('nusantara-broker.service'), 'ReadWritePaths')).to.include(dropIns)
    expect(readFileSync(inRoot('templates/system/root/usr/lib/tmpfiles.d/nusantara-panel.conf'), 'utf8')).to.include(
      dropIns,
    )
    expect(directiveOf(read('nusantara-panel.service'), 'RestartForceExitStatus')).to.equal('75')
  })

  it('let a site write what it may take in, and stretch out no file without end', () => {
    const [, limit] = /^LimitFSIZE=(\d+)G$/m.exec(readFileSync(inRoot('templates/system/php.service'), 'utf8')) ?? []
    const { max } = phpSettings.find(({ name }) => name === 'upload_max_filesize')
    expect(Number(limit) * 1024 ** 3)
      .to.be.greaterThan(max)
      .and.lessThan(2 * max)
  })

  it('keep the doors of root to root, the way to the broker to the panel, and the panel’s front to the web server', () => {
    for (const name of ['nusantara-panel-cli.socket', 'nusantara-broker-admin.socket']) {
      expect(directiveOf(read(name), 'SocketMode'), name).to.equal('0600')
      expect(directiveOf(read(name), 'SocketUser') ?? 'root', name).to.equal('root')
      expect(directiveOf(read(name), 'ListenStream'), name).to.match(/^\/run\/nusantara\//)
    }
    const owners = ['SocketMode', 'SocketUser', 'SocketGroup']
    const front = read('nusantara-panel-front.socket')
    expect(owners.map(each => directiveOf(front, each))).to.deep.equal(['0660', 'root', 'www-data'])
    const broker = read('nusantara-broker.socket')
    expect(owners.map(each => directiveOf(broker, each))).to.deep.equal(['0660', 'root', 'nusantara'])
  })
})
