import type { TestJob } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

/** Of the package manager: whoever holds it installs. */
const lock = '/var/lib/dpkg/lock-frontend'
const unit = 'nusantara-packages.service'

/** kill -9 of every process whose program has the name. */
const killByName =
  'for (</proc/[0-9]*>) { open F, "<", "$_/comm" or next; chomp(my $n = <F>); kill 9, m{(\\d+)$} if $n eq $ARGV[0] }'

/** Holds the lock until it is told to let go. */
const holdLock = `use Fcntl; open F, ">>", "${lock}"; my $whole = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $whole) or die $!;
  open M, ">", "/run/held"; close M; select undef, undef, undef, 0.1 until -e "/run/let-go"`

/** The archive over HTTP: a source that can go away. */
const source = 'http://127.0.0.1:8099'
const served = 'server { listen 127.0.0.1:8099; root /opt/archive; }'

interface Planned {
  readonly steps: readonly { readonly name: string }[]
  readonly packages: readonly { readonly name: string; readonly version?: string }[]
  readonly hash: string
}

interface Component {
  readonly id: string
  readonly state: string
  readonly running?: boolean
}

/** The archive of these servers is a directory, so that what is tried is the installation and not the network. */
describe(`Software on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator

  before(async () => {
    server = await bootInstalled()
    await server.ok(['apt-get', 'update', '--quiet'])
    admin = await signIn(server)
  })
  after(() => server.remove())

  const install = (components: readonly string[], query = '', headers = {}) =>
    admin.client.post<Planned>(`/stack/install${query}`, { components }, headers)
  const component = async (id: string) => (await admin.client.get<Component>(`/stack/components/${id}`)).body
  const logOf = async ({ id }: TestJob) => (await admin.client.get(`/jobs/${id}/log`)).text
  const statusOf = async (name: string) =>
    (await server.run(['dpkg-query', '--show', '--showformat=${db:Status-Status}', name])).stdout
  const unpacked = (name: string) => async () => /^(?:unpacked|half|installed)/.test(await statusOf(name))
  const idle = async () =>
    (await server.run(['systemctl', 'show', '--property=LoadState', '--value', unit])).stdout.includes('not-found')

  it('is listed with what the distribution offers and what runs', async () => {
    const { items } = (await admin.client.get<{ items: Component[] }>('/stack')).body
    const states = Object.fromEntries(items.map(({ id, state, running }) => [id, running ? 'running' : state]))
    expect(states).to.include({ nginx: 'running', 'mariadb-server': 'available', 'redis-server': 'available' })
    expect(states[`php${debian.php}-fpm`]).to.be.oneOf(['running', 'installed'])
  })

  it('stays out, and says why, when its source cannot be reached', async () => {
    const sources = '/etc/apt/sources.list'
    const [written, vhost] = [await server.read(sources), '/etc/nginx/conf.d/archive.conf']
    await server.ok(['tee', vhost], { input: served })
    await server.ok(['systemctl', 'reload', 'nginx'])
    await server.write(sources, `deb [trusted=yes] ${source} ./\n`)
    await server.ok(['apt-get', 'update', '--quiet'])
    expect((await install(['redis-server'], '?dry_run=true')).body.packages).to.not.have.length(0)
    await server.ok(['rm', vhost])
    await server.ok(['systemctl', 'restart', 'nginx'])
    const job = await admin.job(await install(['redis-server']), 120)
    expect([job.state, job.problem?.code]).to.deep.equal(['failed', 'packages_unreachable'])
    expect(JSON.stringify(job.problem)).to.contain('127.0.0.1')
    expect(await statusOf('redis-server')).to.not.equal('installed')
    await server.write(sources, written)
    await server.ok(['apt-get', 'update', '--quiet'])
  })

  it('is installed by exactly the plan that was shown, several in one job, and runs', async () => {
    const both = ['redis-server', 'mariadb-server']
    const { body: plan } = await install(both, '?dry_run=true')
    expect(plan.steps.map(({ name }) => name)).to.deep.equal(['install'])
    expect(plan.packages.map(({ name }) => name)).to.include.members(both)
    expect(plan.packages.every(({ version }) => version)).to.equal(true)
    expect(await server.ok(['nusa', 'stack', 'install', ...both, '--dry-run'])).to.contain(
      `Install ${both.join(', ')}: ${plan.packages.length} packages`,
    )
    const other = await install(['redis-server'], '', { 'Plan-Hash': plan.hash })
    expect([other.status, (other.body as unknown as { code: string }).code]).to.deep.equal([409, 'plan_outdated'])
    const began = Date.now()
    const job = await admin.done(await install(both, '', { 'Plan-Hash': plan.hash }), 300)
    process.stdout.write(`      ${both.join(' and ')} installed in ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
    const log = await logOf(job)
    for (const each of both) {
      expect(log).to.contain(`Setting up ${each} (`)
      expect(await component(each)).to.include({ state: 'installed', running: true })
    }
    // One run of the package manager for all of it.
    expect(log.match(/The following NEW packages will be installed/g)).to.have.length(1)
    expect(await server.ok(['apt-mark', 'showauto']))
      .to.contain('redis-tools')
      .and.not.contain('redis-server')
    expect(await idle()).to.equal(true)
    const again = await install(both, '?dry_run=true')
    expect(again.body.steps).to.deep.equal([])
  })

  it('names the program that holds the lock', async () => {
    const holder = server.run(['perl', '-e', holdLock], { timeout: 300 })
    await until('the lock', async () => (await server.run(['test', '-e', '/run/held'])).code === 0)
    try {
      const job = await admin.job(await install(['postgresql']), 200)
      expect([job.state, job.problem?.code]).to.deep.equal(['failed', 'packages_locked'])
      expect(job.problem?.params.program).to.equal('perl')
    } finally {
      await server.ok(['touch', '/run/let-go'])
      await holder
    }
    expect(await statusOf('postgresql')).to.not.equal('installed')
  })

  it('goes on when panel and broker are killed, and the job finds it done', async () => {
    await server.ok(['apt-get', 'purge', '--yes', 'mariadb-*'])
    const answer = await install(['mariadb-server'])
    await until('the first package', unpacked('mariadb-common'), 120)
    for (const victim of ['nusantara-panel.service', 'nusantara-broker.service'])
      await server.ok(['systemctl', 'kill', '--signal=KILL', victim])
    await until('the end of the installation', idle, 300)
    admin = await signIn(server)
    const job = await admin.job(answer, 300)
    expect(job.state, JSON.stringify(job.problem)).to.equal('succeeded')
    expect(await component('mariadb-server')).to.include({ state: 'installed', running: true })
  })

  it('is finished after the power failed in the middle', async () => {
    await server.ok(['apt-get', 'purge', '--yes', 'mariadb-*'])
    const answer = await install(['mariadb-server'])
    await until('the first package', unpacked('mariadb-common'), 120)
    await server.crash()
    await server.start()
    admin = await signIn(server)
    const job = await admin.job(answer, 300)
    expect(job.state, JSON.stringify(job.problem)).to.equal('succeeded')
    expect(await component('mariadb-server')).to.include({ state: 'installed', running: true })
    expect((await server.ok(['dpkg', '--audit'])).trim()).to.equal('')
  })

  it('is finished after dpkg was killed in the middle', async () => {
    const answer = await install(['postgresql'])
    await until('dpkg at work', unpacked('postgresql-common'), 120)
    // The program itself, not the unit: apt lives on and says what it thinks of it.
    await server.ok(['perl', '-e', killByName, 'dpkg'])
    const failed = await admin.job(answer, 300)
    expect(failed.state).to.equal('failed')
    expect(await logOf(failed)).to.contain('What is left:')
    const { body: plan } = await install(['postgresql'], '?dry_run=true')
    expect(plan.steps[0]?.name).to.equal('repair')
    await admin.done(await install(['postgresql']), 300)
    expect(await component('postgresql')).to.include({ state: 'installed', running: true })
    expect((await server.ok(['dpkg', '--audit'])).trim()).to.equal('')
  })
})
