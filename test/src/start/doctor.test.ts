import { createHash } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { StartedPanel } from './started-panel.js'

interface Check {
  readonly id: string
  readonly group: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly code: string
  readonly message: string
  readonly remedy?: string
  readonly command?: string
  readonly plugin?: string
}

const keys = new Set(['id', 'group', 'status', 'code', 'message', 'remedy', 'command', 'plugin'])

describe('nusa doctor, while no panel answers', function () {
  this.timeout(60_000)
  let panel: StartedPanel
  before(async () => {
    panel = await StartedPanel.prepare()
  })
  after(() => panel.remove())

  const examine = async (): Promise<readonly Check[]> => {
    const { code, stdout, stderr } = await panel.nusaAsOwner('doctor', '--json')
    expect([code, stderr]).to.deep.equal([4, ''])
    const checks = JSON.parse(stdout) as readonly Check[]
    for (const check of checks) {
      expect(Object.keys(check).filter(key => !keys.has(key))).to.deep.equal([])
      expect(check.remedy === undefined, check.code).to.equal(check.status === 'ok')
    }
    return checks
  }
  const codes = (checks: readonly Check[], ...status: Check['status'][]) =>
    checks.filter(check => status.includes(check.status)).map(({ code }) => code.replace('health.', ''))

  it('is a finding of its own, before there is anything', async () => {
    expect(codes(await examine(), 'failed', 'warning')).to.have.members([
      'ports.silent',
      'panel.failed',
      'state.absent',
      'broker.failed',
    ])
  })

  it('names who took the port', async () => {
    const stranger = createServer()
    await new Promise<void>(resolve => stranger.listen(panel.ports.panel, '127.0.0.1', resolve))
    const held = (await examine()).find(({ code }) => code === 'health.ports.held')
    await new Promise(resolve => stranger.close(resolve))
    expect(held?.message).to.include(`pid ${process.pid}`)
    expect(held?.command).to.equal(`systemctl status ${process.pid}`)
  })

  it('examines files, certificate, store and host of a panel that was stopped, and changes none of them', async () => {
    await panel.start()
    await panel.stop()
    const file = join(panel.home, 'panel.sqlite')
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex')
    const before = await digest()
    const checks = await examine()
    expect(codes(checks, 'failed')).to.have.members(['ports.silent', 'panel.failed', 'broker.failed'])
    expect(codes(checks, 'ok')).to.include.members([
      'disk.ok',
      'certificate.ok',
      'permissions.ok',
      'permissions.guarded',
      'integrity.ok',
      'versions.ok',
    ])
    expect(await digest()).to.equal(before)
  })

  it('names a file of root’s broker that others can change, though no broker answers', async () => {
    const config = join(panel.home, 'broker.json')
    await chmod(config, 0o666)
    const refused = (await examine()).find(({ code }) => code === 'health.broken.failed')
    expect(refused?.message).to.include(config).and.include('chmod o-w')
    await chmod(config, 0o600)
    const state = join(panel.home, 'broker')
    await chmod(state, 0o777)
    const found = (await examine()).find(({ code }) => code === 'health.permissions.writable')
    expect(found?.command).to.equal(`chmod go-w ${state}`)
    await chmod(state, 0o750)
  })

  it('says what is wrong with the configuration', async () => {
    const file = join(panel.home, 'config.json')
    await writeFile(file, '{"prt": 1}')
    const checks = await examine()
    expect(checks.find(({ id }) => id === 'config')?.message)
      .to.include(file)
      .and.include('prt')
  })
})
