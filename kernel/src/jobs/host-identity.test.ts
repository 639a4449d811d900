import 'reflect-metadata'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Config } from '../config/config.js'
import { HostIdentity } from './host-identity.js'

describe('the identity of a host', () => {
  it('is the same for every process of a home, each of which has a name of its own', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nusa-host-'))
    const [one, other] = [new HostIdentity({ home } as Config), new HostIdentity({ home } as Config)]
    expect(one.hostId).to.equal(other.hostId).and.to.have.length(36)
    expect(one.runnerId).not.to.equal(other.runnerId)
    expect([one.isDead(other.runnerId), one.isDead(`${one.hostId}/${process.pid}/1/x`)]).to.deep.equal([false, true])
    expect(one.isDead('another host/1/1/x')).to.equal(false)
    expect(await readdir(home)).to.deep.equal(['host-id'])
    await rm(home, { recursive: true })
  })
})
