import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Bench, bench } from '../changes/testing/bench.test.js'
import { type Doom, harness } from '../changes/testing/kill.test.js'

const recover = fileURLToPath(new URL('../recover.js', import.meta.url))

describe('recovery at boot', function () {
  this.timeout(120_000)
  let web: Bench
  let before: Record<string, string>
  beforeEach(async () => {
    web = await bench()
    await web.apply('site1')
    await web.apply('site3')
    before = web.files()
    await web.release()
  })
  afterEach(() => web.home.remove())

  const marker = () => `${web.home.config.roots.state}/changes/open`
  const killedAt = async (step: Doom['step']) => {
    const { directory, config, configFile } = web.home
    const doom: Doom = { home: { directory, config, configFile }, step, nth: 1, changeId: 'doomed' }
    const child = spawn(process.execPath, [harness, JSON.stringify(doom)], { stdio: 'ignore' })
    expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL'])
  }
  const atBoot = () =>
    spawnSync(process.execPath, [recover, web.home.configFile, '--boot'], { encoding: 'utf8', timeout: 60_000 })

  it('restores the files of a change that was killed in the middle, before anybody asks, and leaves no mark of it', async () => {
    expect(existsSync(marker()), 'nothing is open').to.equal(false)
    await killedAt('renamed')
    expect(existsSync(marker()), 'a batch is open').to.equal(true)
    expect(web.files()).to.not.deep.equal(before)
    const { status, stderr } = atBoot()
    expect(status, stderr).to.equal(0)
    expect(web.files()).to.deep.equal(before)
    expect(existsSync(marker())).to.equal(false)
    expect(existsSync(`${web.home.config.roots.state}/broker.lock`), 'the broker may come').to.equal(false)
  })

  it('finds the mark before the ledger says so, and nothing to restore then', async () => {
    await killedAt('opened')
    expect(existsSync(marker())).to.equal(true)
    expect(atBoot().status).to.equal(0)
    expect(web.files()).to.deep.equal(before)
    expect(existsSync(marker())).to.equal(false)
  })

  it('says that it failed when it cannot restore', async () => {
    await killedAt('renamed')
    const { status, stderr } = spawnSync(process.execPath, [recover, '/nonexistent/broker.json', '--boot'], {
      encoding: 'utf8',
    })
    expect(status).to.equal(1)
    expect(stderr).to.match(/nonexistent/)
    expect(atBoot().status).to.equal(0)
  })
})
