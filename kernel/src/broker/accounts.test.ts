import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { HostAccounts } from './accounts.js'
import { groups, users } from './users.js'

describe('accounts of a host', () => {
  let prefix: string
  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip()
    prefix = mkdtempSync(`${tmpdir()}/nusa-accounts-`)
    mkdirSync(`${prefix}/etc`)
    writeFileSync(`${prefix}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\nother:x:30001:30001::/:/bin/false\n')
    writeFileSync(`${prefix}/etc/group`, 'root:x:0:\nother:x:30001:\n')
    writeFileSync(`${prefix}/etc/shadow`, 'root:*:19000:0:99999:7:::\n')
    writeFileSync(`${prefix}/etc/gshadow`, 'root:*::\n')
  })
  afterEach(() => prefix && rmSync(prefix, { recursive: true, force: true }))

  it('are made by the tools of the host, once, and removed with their group', async () => {
    const accounts = new HostAccounts(prefix)
    const identity = { name: 'sabcdefghij', uid: 30_000, gid: 30_000 }
    expect([accounts.isFree(30_000), accounts.isFree(30_001)]).to.deep.equal([true, false])
    await accounts.add(identity, '/srv/www/sabcdefghij')
    await accounts.add(identity, '/srv/www/sabcdefghij')
    expect(users(`${prefix}/etc`)).to.deep.include(identity)
    expect(groups(`${prefix}/etc`).filter(group => group.gid === 30_000)).to.have.length(1)
    expect(accounts.isFree(30_000)).to.equal(false)
    await accounts.remove(identity)
    await accounts.remove(identity)
    expect(accounts.isFree(30_000)).to.equal(true)
  })
})
