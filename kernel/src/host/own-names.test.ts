import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ownNames } from './own-names.js'

describe('the names of this machine', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-names-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  async function given(hosts: string): Promise<readonly string[]> {
    const file = join(directory, 'hosts')
    await writeFile(file, hosts)
    return ownNames('Panel', file)
  }

  it('are the full name that the hosts file has for it, and its host name', async () => {
    const hosts = '127.0.0.1 localhost\n127.0.1.1\tpanel.Example.com  panel # ours\n'
    expect(await given(hosts)).to.deep.equal(['panel.example.com', 'panel'])
  })

  it('are the host name alone where the file has none, or has it as another name of something else', async () => {
    expect(await given('127.0.0.1 localhost panel\n')).to.deep.equal(['panel'])
    expect(await given('')).to.deep.equal(['panel'])
    expect(ownNames('panel', join(directory, 'absent'))).to.deep.equal(['panel'])
  })
})
