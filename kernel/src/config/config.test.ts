import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { frontSocketName } from '../host/front-socket.js'
import { adminSocketPath, loadConfig, prepareHome } from './load.js'

describe('configuration', () => {
  let home: string
  const layout = { root: '/opt/checkout', profile: 'sandbox' as const }
  const load = (env: NodeJS.ProcessEnv = {}) => loadConfig({ NUSA_HOME: home, ...env }, layout)
  const refusal = async (env: NodeJS.ProcessEnv = {}): Promise<Problem> => {
    try {
      await load(env)
    } catch (error) {
      return error as Problem
    }
    throw new Error('expected a refusal')
  }
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-c-'))
  })
  afterEach(() => rm(home, { recursive: true }))

  it('has a value for every key without a file', async () => {
    expect(await load()).to.deep.include({
      port: 8443,
      home,
      listen: ['::'],
      sites: { httpPort: 8080, httpsPort: 8444 },
    })
  })

  it('knows the sockets and ports of a server as its units and its broker have them', async () => {
    const units = new URL('../../../templates/system/root/usr/lib/systemd/system/', import.meta.url)
    const unit = async (name: string) =>
      /^ListenStream=(.+)$/m.exec(await readFile(new URL(`nusantara-${name}.socket`, units), 'utf8'))?.[1]
    const onServer = await loadConfig({ NUSA_HOME: home }, { ...layout, profile: 'system' })
    const { brokerSocket, cliSocket, frontSocket, sites } = onServer
    expect(brokerSocket).to.equal(await unit('broker'))
    expect(cliSocket).to.equal(await unit('panel-cli'))
    expect(frontSocket).to.equal(await unit('panel-front'))
    expect(adminSocketPath('system', home)).to.equal(await unit('broker-admin'))
    const broker = JSON.parse(
      await readFile(new URL('../../../templates/system/root/etc/nusantara/broker.json', import.meta.url), 'utf8'),
    ) as { ports: { http: number; https: number }; roots: { run: string } }
    expect(sites, 'where sites answer').to.deep.equal({ httpPort: broker.ports.http, httpsPort: broker.ports.https })
    expect(frontSocket, 'as the broker derives it').to.equal(`${broker.roots.run}/${frontSocketName}`)
  })

  it('takes the file, and the environment over it', async () => {
    await writeFile(
      join(home, 'config.json'),
      JSON.stringify({ port: 9000, sites: { httpPort: 81 }, hosts: ['panel.example'] }),
    )
    const config = await load({ NUSA_PORT: '9001', NUSA_LISTEN: '127.0.0.1, ::1' })
    expect(config).to.deep.include({ port: 9001, hosts: ['panel.example'], listen: ['127.0.0.1', '::1'] })
    expect(config.sites.httpPort).to.equal(81)
    const elsewhere = join(home, 'elsewhere.json')
    await writeFile(elsewhere, '{"port": 9002}')
    expect(await load({ NUSA_CONFIG: elsewhere })).to.deep.include({ port: 9002, hosts: [] })
  })

  it('keeps audit entries for ever unless it is told for how long', async () => {
    expect((await load()).audit).to.deep.equal({})
    const env = { NUSA_AUDIT_KEEP_DAYS: '90', NUSA_AUDIT_SEGMENT_DIR: '/srv/audit' }
    expect((await load(env)).audit).to.deep.equal({ keepDays: 90, segmentDir: '/srv/audit' })
    expect((await refusal({ NUSA_AUDIT_KEEP_DAYS: '0' })).params).to.include({ key: 'NUSA_AUDIT_KEEP_DAYS' })
    expect((await refusal({ NUSA_AUDIT_SEGMENT_DIR: 'here' })).params).to.include({ key: 'NUSA_AUDIT_SEGMENT_DIR' })
  })

  it('names the key and the source of a bad value', async () => {
    expect((await refusal({ NUSA_PORT: 'many' })).params).to.include({ key: 'NUSA_PORT', source: 'environment' })
    expect((await refusal({ DATABASE_URL: 'mysql://x' })).code).to.equal('config_invalid')
    await writeFile(join(home, 'config.json'), JSON.stringify({ port: '9000' }))
    expect((await refusal()).params).to.include({ key: 'port', source: join(home, 'config.json') })
  })

  it('refuses unknown keys, also inside sections, and a file that is not JSON', async () => {
    await writeFile(join(home, 'config.json'), JSON.stringify({ sites: { port: 1 } }))
    expect((await refusal()).params).to.include({ key: 'sites.port' })
    await writeFile(join(home, 'config.json'), '{')
    expect((await refusal()).code).to.equal('config_unreadable')
  })

  it('refuses a home whose sockets would not fit, and one it cannot write', async () => {
    expect((await refusal({ NUSA_HOME: `/tmp/${'x'.repeat(60)}` })).params).to.include({ limit: 60 })
    await writeFile(join(home, 'config.json'), '{}')
    const error = await prepareHome(join(home, 'config.json', 'below-a-file')).then(
      () => undefined,
      (reason: unknown) => reason as Problem,
    )
    expect(error?.code).to.equal('home_unwritable')
  })
})
