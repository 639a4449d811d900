import 'reflect-metadata'
import { expect } from 'chai'
import type { HostFacts, PortFacts, UnitFacts } from '../broker/inspection/facts.js'
import { Catalogues } from '../i18n/catalogues.js'
import {
  checkPanelSocket,
  checkPermissionFacts,
  checkPublicPorts,
  checkRoom,
  checkSynchronization,
  checkUnits,
  checkUpgrade,
} from './checks-of-host.js'
import { checkOwnPorts, checkPanelPort } from './checks-of-ports.js'
import { checkVersions } from './checks-of-versions.js'
import { command, type Finding } from './finding.js'

const catalogues = new Catalogues()

/** As a person reads it; both languages have words for it, with every value in its place. */
function said(findings: readonly Finding[]): string[] {
  return findings.map(({ status, message, remedy, command: line }) => {
    for (const { code, params } of [message, ...(remedy ? [remedy] : [])])
      for (const locale of ['en', 'id'])
        expect(catalogues.format(locale, code, params), `${code} ${locale}`).not.to.match(/health\.|[{}]/)
    expect(remedy === undefined, message.code).to.equal(status === 'ok')
    return [status, message.code.replace('health.', ''), ...(line ? [line] : [])].join(' ')
  })
}

const unit = (name: string, more: Partial<UnitFacts> = {}): UnitFacts => ({
  unit: name,
  load: 'loaded',
  active: 'active',
  sub: 'running',
  result: 'success',
  enabled: 'enabled',
  type: 'notify',
  listens: [],
  ...more,
})
const units = (...all: UnitFacts[]) => said(checkUnits({ units: all, profile: 'system' }))
const idle = { active: 'inactive', sub: 'dead' }

describe('findings about units', () => {
  it('are one when all is well', () => {
    expect(units(unit('nusantara-panel.service'), unit('web.service'))).to.deep.equal(['ok units.ok'])
    expect(units()).to.deep.equal(['ok units.ok'])
  })

  it('leave alone what rests until somebody comes, ran once, or was never enabled', () => {
    const resting = [
      unit('nusantara-panel.service', idle),
      unit('nusantara-panel.socket', { sub: 'listening', type: '' }),
      unit('nusantara-recover.service', { ...idle, type: 'oneshot' }),
      unit('web.service', { ...idle, enabled: 'disabled' }),
      unit('nusantara-rest.timer', { ...idle, enabled: 'disabled', type: '' }),
    ]
    expect(units(...resting)).to.deep.equal(['ok units.ok'])
  })

  const wrong: Readonly<Record<string, [facts: UnitFacts, finding: string]>> = {
    'one that failed': [
      unit('nusantara-a@s1.service', { active: 'failed', sub: 'failed', result: 'oom-kill' }),
      'failed units.failed journalctl -u nusantara-a@s1.service -n 50',
    ],
    'one that ends again and again': [
      unit('nusantara-broker.service', { active: 'activating', sub: 'auto-restart', result: 'exit-code' }),
      'failed units.restarting journalctl -u nusantara-broker.service -n 50',
    ],
    'one that is masked': [unit('web.service', { load: 'masked' }), 'failed units.masked systemctl unmask web.service'],
    'one that is gone': [unit('nusantara-panel.service', { load: 'not-found' }), 'failed units.missing'],
    'one of the distribution that nobody installed': [
      unit('web.service', { load: 'not-found' }),
      'warning units.absent',
    ],
    'one with a mistake': [
      unit('nusantara-panel.service', { load: 'bad-setting' }),
      'failed units.broken systemctl status nusantara-panel.service',
    ],
    'a socket that nobody listens on': [
      unit('nusantara-panel.socket', { ...idle, type: '' }),
      'failed units.inactive systemctl enable --now nusantara-panel.socket',
    ],
    'a service that was stopped': [
      unit('web.service', idle),
      'failed units.inactive systemctl enable --now web.service',
    ],
  }
  for (const [what, [facts, expected]] of Object.entries(wrong))
    it(`name ${what}`, () => expect(units(unit('x.service'), facts)).to.deep.equal([expected]))

  it('of a sandbox speak of its services', () => {
    const down = unit('sites/web', { active: 'failed', result: 'ended with 1' })
    expect(said(checkUnits({ units: [down], profile: 'sandbox' }))).to.deep.equal(['failed units.service'])
  })
})

describe('findings about ports', () => {
  const expected = { http: 80, https: 443 }
  const socket = (more: Partial<PortFacts>): PortFacts => ({
    name: 'http',
    port: 80,
    address: '0.0.0.0',
    user: 'root',
    ...more,
  })
  const found = (...ports: PortFacts[]) => said(checkPublicPorts({ ports, public: expected }))

  it('say who answers and what is free', () => {
    const web = { pid: 7, program: 'web', own: true }
    expect(found(socket(web), socket({ ...web, address: '::' }))).to.deep.equal(['ok ports.served', 'ok ports.free'])
    expect(found(socket({}))).to.deep.equal(['ok ports.served', 'ok ports.free'])
  })

  it('name a stranger once, beside the web server too', () => {
    const stranger = { pid: 9, program: 'other', own: false }
    expect(
      found(
        socket({ pid: 7, program: 'web', own: true }),
        socket({ ...stranger, address: '192.0.2.1' }),
        socket({ ...stranger, address: '::' }),
      ),
    ).to.deep.equal(['failed ports.taken systemctl status 9', 'ok ports.free'])
  })

  it('compare the configured port with the socket unit', () => {
    const listens = unit('nusantara-panel.socket', { listens: ['[::]:8443'], type: '' })
    expect(said(checkPanelSocket([listens], 8443))).to.deep.equal([])
    expect(said(checkPanelSocket([listens], 443))).to.deep.equal([
      'failed ports.differs systemctl cat nusantara-panel.socket',
    ])
    expect(said(checkPanelSocket([], 443)), 'no socket activation').to.deep.equal([])
  })

  it('say whether the panel has its own', () => {
    expect(said(checkOwnPorts({ port: 8443, roles: ['web'] }, new Set([8443])))).to.deep.equal(['ok ports.panel'])
    expect(said(checkOwnPorts({ port: 8443, roles: ['web'] }, new Set([1])))).to.deep.equal(['failed ports.lost'])
    expect(said(checkOwnPorts({ port: 8443, roles: ['runner'] }, new Set()))).to.deep.equal([])
    expect(said(checkPanelPort(1, 'system'))).to.deep.equal([
      'failed ports.silent systemctl start nusantara-panel.service',
    ])
  })
})

describe('findings about files, room, clock and versions', () => {
  const fault = { fault: 'writable' as const, mode: '0666', owner: 'root:root' }

  it('give one command for files of one fault, and none that a shell would misread', () => {
    const facts = { faults: 2, looked: 9 }
    expect(said(checkPermissionFacts({ ...facts, permissions: [] }))).to.deep.equal(['ok permissions.guarded'])
    const two = [
      { ...fault, path: '/a' },
      { ...fault, path: '/b' },
    ]
    expect(said(checkPermissionFacts({ ...facts, permissions: two }))).to.deep.equal([
      'failed permissions.writable chmod go-w /a /b',
    ])
    expect(said(checkPermissionFacts({ ...facts, permissions: [{ ...fault, path: '/a; rm -rf ~' }] }))).to.deep.equal([
      'failed permissions.writable',
    ])
    for (const kind of ['owner', 'readable', 'missing'] as const)
      expect(
        said(checkPermissionFacts({ ...facts, permissions: [{ ...fault, fault: kind, path: '/a' }] })),
      ).to.have.length(1)
  })

  it('a command holds nothing that a shell takes for more than a word', () => {
    for (const word of ['a b', '$(x)', '`x`', 'a;b', 'a\nb', '"', "'", '*', '~', '', '>x', '|', '\u00e9'])
      expect(command('ls', word), JSON.stringify(word)).to.equal(undefined)
    expect(command('ls', '/var/lib/a_b-c.d@1')).to.equal('ls /var/lib/a_b-c.d@1')
  })

  it('name each file system once, and the inodes when they are short', () => {
    const room = { bytes: 2 ** 40, freeBytes: 2 ** 39, inodes: 1000, freeInodes: 900 }
    const places = ['/a', '/b', '/c'].map((path, index) => ({ ...room, path, device: index % 2 }))
    expect(said(checkRoom(places))).to.deep.equal(['ok disk.ok', 'ok disk.ok'])
    const few = { ...room, path: '/a', device: 1 }
    expect(said(checkRoom([{ ...few, freeInodes: 49 }]))).to.deep.equal(['warning disk.inodes du --inodes -xd1 /a'])
    expect(said(checkRoom([{ ...few, freeInodes: 4 }]))).to.deep.equal(['failed disk.inodes du --inodes -xd1 /a'])
    expect(said(checkRoom([{ ...few, freeInodes: 0, inodes: 0 }])), 'none to count').to.deep.equal(['ok disk.ok'])
    expect(said(checkRoom([{ ...few, freeBytes: 1 }]))).to.deep.equal(['failed disk.failed du -xhd1 /a'])
  })

  it('ask for a clock that is kept right, where somebody knows', () => {
    expect(said(checkSynchronization({}))).to.deep.equal([])
    expect(said(checkSynchronization({ clockSynchronized: true }))).to.deep.equal([])
    expect(said(checkSynchronization({ clockSynchronized: false }))).to.deep.equal([
      'warning clock.alone timedatectl set-ntp true',
    ])
  })

  it('compare panel, broker, runtime and distribution', () => {
    const host = { runtime: 'v24.21.0', distribution: 'debian 12', known: true, profile: 'system' } as const
    const panel = { version: '1.2.0', runtime: 'v24.21.0' }
    const found = (more: Partial<Pick<HostFacts, 'runtime' | 'known'>>, broker = '1.2.0') =>
      said(checkVersions({ ...host, ...more }, broker, panel))
    expect(found({})).to.deep.equal(['ok versions.ok'])
    expect(found({}, '1.1.0')).to.deep.equal(['failed versions.differ systemctl restart nusantara-broker.service'])
    expect(found({ runtime: 'v20.1.0' })).to.deep.equal(['failed versions.runtime'])
    expect(found({ known: false })).to.deep.equal(['warning versions.distribution'])
  })

  it('tell of an upgrade that was taken back', () => {
    const upgrade = { from: '1', to: '2', at: '2026-11-28T10:00:00Z', reason: 'did not answer' }
    expect(said(checkUpgrade({}))).to.deep.equal([])
    expect(said(checkUpgrade({ upgrade }))).to.deep.equal([
      'warning versions.fallback journalctl -u nusantara-panel.service --since 2026-11-28',
    ])
  })
})
