import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { type BrokerHome, brokerHome } from '../testing/broker-process.js'
import { inspectPermissions } from './permissions.js'

describe('modes and owners that decide over root', () => {
  let home: BrokerHome
  const at = (name: string) => `${home.directory}/${name}`
  const look = async () => {
    const { permissions, faults, looked } = await inspectPermissions(home.config, home.configFile, at('code'))
    return {
      faults,
      looked,
      found: permissions.map(({ path, fault }) => `${fault} ${path.slice(home.directory.length)}`),
    }
  }
  beforeEach(() => {
    home = brokerHome()
    for (const name of ['broker', 'broker/journal', 'run', 'log', 'www', 'code', 'code/deep'])
      mkdirSync(at(name), { mode: 0o750 })
    for (const name of ['broker/journal.key', 'broker/policy.json', 'run/broker-admin.sock', 'run/broker.sock'])
      writeFileSync(at(name), '', { mode: 0o600 })
    writeFileSync(at('code/deep/main.js'), '')
    home.plugin('demo', {})
    chmodSync(home.configFile, 0o600)
  })
  afterEach(() => home.remove())

  it('are all right where nobody else has a right', async () => {
    const { found, faults, looked } = await look()
    expect([found, faults]).to.deep.equal([[], 0])
    expect(looked).to.be.above(15)
  })

  const wrong: Readonly<Record<string, [change: () => void, finding: string]>> = {
    'a key that others can read': [() => chmodSync(at('broker/journal.key'), 0o640), 'readable /broker/journal.key'],
    'state that everybody can enter': [() => chmodSync(at('broker'), 0o755), 'readable /broker'],
    'root’s socket that the group may open': [
      () => chmodSync(at('run/broker-admin.sock'), 0o660),
      'readable /run/broker-admin.sock',
    ],
    'a directory of sockets in which others make files': [() => chmodSync(at('run'), 0o777), 'writable /run'],
    'code that everybody can change': [() => chmodSync(at('code/deep/main.js'), 0o666), 'writable /code/deep/main.js'],
    'a directory of code that a group can change': [
      () => {
        chownSync(at('code/deep'), 0, 65534)
        chmodSync(at('code/deep'), 0o775)
      },
      'writable /code/deep',
    ],
    'privileges that belong to somebody else': [
      () => chownSync(at('plugins/demo/privileges.json'), 65534, 65534),
      'owner /plugins/demo/privileges.json',
    ],
    'a configuration that everybody can change': [() => chmodSync(home.configFile, 0o646), 'writable /broker.json'],
    'a table of versions that is gone': [() => rmSync(home.config.versionsFile), 'missing /versions.json'],
  }
  for (const [what, [change, finding]] of Object.entries(wrong))
    it(`name ${what}`, async function () {
      if (process.getuid?.() !== 0 && /group|somebody/.test(what)) this.skip()
      change()
      expect((await look()).found).to.deep.equal([finding])
    })

  it('follow no link, and leave out what is no code', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere/open'), '', { mode: 0o666 })
    chmodSync(at('elsewhere/open'), 0o666)
    symlinkSync(at('elsewhere'), at('code/link'))
    mkdirSync(at('code/.git'))
    writeFileSync(at('code/.git/open'), '')
    chmodSync(at('code/.git/open'), 0o666)
    expect((await look()).found).to.deep.equal([])
  })

  it('name the first and count all', async () => {
    for (let n = 0; n < 30; n++) {
      writeFileSync(at(`code/${n}.js`), '')
      chmodSync(at(`code/${n}.js`), 0o666)
    }
    const { found, faults } = await look()
    expect([found.length, faults]).to.deep.equal([20, 30])
  })
})
