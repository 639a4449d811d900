import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { Host } from '../host.js'
import { brokerHome } from '../testing/broker-process.js'
import { followsNoLinks, mayHaveSockets, writeBootList } from './app-sockets.js'

const row = (point: string, options: string) => `31 22 0:25 / ${point} ${options} shared:5 - tmpfs tmpfs rw\n`

describe('sockets that a tenant makes for the web server', () => {
  const home = brokerHome()
  after(() => home.remove())
  const host = (profile: 'sandbox' | 'system') =>
    new Host({ ...home.config, profile, users: 'per-tenant', webUser: 'root' })

  it('need a mount in which no link is followed, the newest one at the place', () => {
    const safe = row('/run/nusantara/tenants', 'rw,nosuid,nodev,noexec,relatime,nosymfollow')
    const plain = row('/run/nusantara/tenants', 'rw,nosuid')
    const other = row('/run', 'rw,nosymfollow')
    const directory = '/run/nusantara/tenants'
    expect(followsNoLinks(directory, other + safe)).to.equal(true)
    expect(followsNoLinks(directory, plain + safe)).to.equal(true)
    for (const mounts of ['', other, plain, safe + plain]) expect(followsNoLinks(directory, mounts)).to.equal(false)
  })

  it('are not made on a server that lacks it', () => {
    expect(mayHaveSockets(host('system'))).to.equal(false)
    expect(mayHaveSockets(host('sandbox'))).to.equal(true)
  })

  it('find their directory again after a boot, by number, whoever is in passwd by then', () => {
    const state = mkdtempSync(`${tmpdir()}/nusa-boot-`)
    try {
      const tenants = [
        { name: 'sbbbbbbbbbb', uid: 30_001, gid: 30_001 },
        { name: 'saaaaaaaaaa', uid: 30_000, gid: 30_000 },
      ]
      writeBootList(host('system'), `${state}/tenants.tmpfiles`, tenants)
      const { run } = home.config.roots
      expect(readFileSync(`${state}/tenants.tmpfiles`, 'utf8')).to.equal(
        `d ${run}/tenants/saaaaaaaaaa 2750 30000 0 -\nd ${run}/tenants/sbbbbbbbbbb 2750 30001 0 -\n`,
      )
    } finally {
      rmSync(state, { recursive: true })
    }
  })
})
