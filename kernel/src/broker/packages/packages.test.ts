import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { PackageRequest } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import { Host } from '../host.js'
import { Journal } from '../journal.js'
import { Policy } from '../policy.js'
import type { Origin } from '../protocol.js'
import { type BrokerHome, brokerHome } from '../testing/broker-process.js'
import { until } from '../testing/until.js'
import { Apt, packageEnvironment } from './apt.js'
import { Packages } from './packages.js'
import { DirectRunner } from './testing/direct-runner.js'
import { PackageArchive } from './testing/package-archive.js'

const manifest = {
  params: { level: { enum: ['1.0', '2.0'] } },
  packages: {
    tool: { names: ['nusa-tool'] },
    versioned: { names: [['nusa-level', { param: 'level' }, '-run']] },
    absent: { names: ['nusa-absent'] },
    greedy: { names: ['nusa-greedy'] },
    crashing: { names: ['nusa-crashing'] },
    failing: { names: ['nusa-failing'] },
    slow: { names: ['nusa-slow'] },
    settled: { names: ['nusa-settled'] },
    needsNew: { names: ['nusa-needs-new'] },
    impossible: { names: ['nusa-impossible'] },
  },
}

describe('packages of the host, with real apt and dpkg in a directory', function () {
  this.timeout(60_000)
  let home: BrokerHome
  let directory: string
  let archive: PackageArchive
  let runner: DirectRunner
  let journal: Journal
  let packages: Packages
  let origin: Origin
  let said: string

  const apt = () => new Apt('test', archive.where)
  const call = () => ({
    signal: new AbortController().signal,
    output: (_: string, data: Uint8Array) => {
      said += Buffer.from(data).toString()
      return undefined
    },
  })
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'ok',
      error => (error instanceof Problem ? error.code : String((error as Error).stack)),
    )
  const problemOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      error => error as Problem,
    )
  const plan = (...sets: readonly PackageRequest[]) => packages.plan(origin, sets)
  const install = async (...sets: readonly PackageRequest[]) =>
    packages.install(origin, { sets, hash: (await plan(...sets)).hash }, call())
  const state = async (name: string) => (await apt().installed()).find(each => each.name === name)

  before(async function () {
    if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) this.skip()
    home = brokerHome()
    home.plugin('demo', manifest)
    home.plugin('other', { operations: {} })
    const policy = new Policy({
      pluginDirs: home.config.pluginDirs,
      versionsFile: home.config.versionsFile,
      stateFile: `${home.directory}/policy.json`,
      grantsDirectory: `${home.directory}/grants`,
    })
    journal = await Journal.open({
      directory: `${home.directory}/journal`,
      keyFile: `${home.directory}/key`,
      headFile: `${home.directory}/head`,
    })
    const digest = policy.describe('demo')[0]?.digest as string
    origin = { plugin: 'demo', policy: digest, actor: { kind: 'user', id: '1', name: 'ani' } }
    packagesWith = (withRunner, lockMs = 100) =>
      new Packages(new Host(home.config), policy, journal, apt(), withRunner ? runner : undefined, lockMs)
    otherOrigin = { ...origin, plugin: 'other', policy: policy.describe('other')[0]?.digest as string }
  })
  let packagesWith: (withRunner: boolean, lockMs?: number) => Packages
  let otherOrigin: Origin
  beforeEach(async () => {
    directory = mkdtempSync(`${tmpdir()}/nusa-apt-`)
    archive = new PackageArchive(directory)
    runner = new DirectRunner()
    packages = packagesWith(true)
    said = ''
    archive.add(
      { name: 'nusa-tool', version: '1.0-1', fields: { Depends: 'nusa-library (>= 2)' }, conffile: 'as shipped\n' },
      { name: 'nusa-library', version: '1:2.0-1', fields: { 'Installed-Size': '100' } },
      { name: 'nusa-level1.0-run', version: '1.0-1' },
    )
    await packages.refresh(origin, call())
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  after(async () => {
    await journal?.close()
    home?.remove()
  })

  it('plans exact versions, what they depend on, and their sizes, and installs exactly that', async () => {
    const planned = await plan({ set: 'tool' })
    expect(planned.packages).to.deep.equal([
      { name: 'nusa-library', version: '1:2.0-1', action: 'install' },
      { name: 'nusa-tool', version: '1.0-1', action: 'install' },
    ])
    expect(planned.diskBytes).to.equal(112 * 1024)
    expect(planned.downloadBytes).to.be.within(1000, 4000)
    expect(planned.host).to.include({ permitted: true, stale: false, interrupted: null })
    expect(await packages.install(origin, { sets: [{ set: 'tool' }], hash: planned.hash }, call())).to.deep.equal({
      changed: true,
    })
    expect(said).to.contain('Setting up nusa-tool (1.0-1)')
    expect((await state('nusa-tool'))?.status).to.equal('installed')
    const argv = runner.ran.find(line => line.includes(' install '))
    expect(argv).to.contain('-- nusa-library=1:2.0-1 nusa-tool=1.0-1')
    expect(readFileSync(`${archive.where.root}/var/lib/apt/extended_states`, 'utf8')).to.match(
      /Package: nusa-library\n(?:.*\n)*Auto-Installed: 1/,
    )
    const again = await plan({ set: 'tool' })
    expect(again.packages).to.deep.equal([])
    expect(again.installed).to.deep.equal([{ name: 'nusa-tool', installed: '1.0-1', candidate: '1.0-1' }])
    // Somebody who asks for the old plan, as a job that is run again, finds it done.
    expect(await packages.install(origin, { sets: [{ set: 'tool' }], hash: planned.hash }, call())).to.deep.equal({
      changed: false,
    })
  })

  it('plans several sets at once, and installs them in one run', async () => {
    const sets = [{ set: 'tool' }, { set: 'versioned', params: { level: '1.0' } }] as const
    const planned = await plan(...sets)
    expect(planned.packages.map(({ name }) => name)).to.deep.equal(['nusa-level1.0-run', 'nusa-library', 'nusa-tool'])
    const parts = await Promise.all(sets.map(set => plan(set)))
    for (const size of ['downloadBytes', 'diskBytes'] as const)
      expect(planned[size]).to.equal(parts.reduce((sum, part) => sum + part[size], 0))
    expect(await packages.install(origin, { sets, hash: planned.hash }, call())).to.deep.equal({ changed: true })
    expect(runner.ran.filter(line => line.includes(' install '))).to.have.length(1)
    // What was asked for by name is nobody's dependency.
    expect([...(await apt().automatic(['nusa-library', 'nusa-level1.0-run', 'nusa-tool']))]).to.deep.equal([
      'nusa-library',
    ])
    expect(await packages.install(origin, { sets, hash: planned.hash }, call())).to.deep.equal({ changed: false })
  })

  it('takes a plan of several sets for no others', async () => {
    const [tool, versioned] = [{ set: 'tool' }, { set: 'versioned', params: { level: '1.0' } }]
    const { hash } = await plan(tool, versioned)
    expect((await plan(versioned, tool, tool)).hash).to.equal(hash)
    // Of what is installed, the packages say nothing.
    await install(versioned)
    const { hash: later } = await plan(tool, versioned)
    expect(await codeOf(packages.install(origin, { sets: [tool], hash: later }, call()))).to.equal('plan_outdated')
    expect(await state('nusa-tool')).to.equal(undefined)
  })

  it('refuses all of several sets for one that the sources do not offer, names it, and changes nothing', async () => {
    const sets = [{ set: 'tool' }, { set: 'absent' }]
    const attempts = [() => plan(...sets), () => packages.install(origin, { sets, hash: 'f'.repeat(64) }, call())]
    for (const attempt of attempts) {
      const problem = await problemOf(attempt())
      expect([problem?.code, problem?.params.names]).to.deep.equal(['packages_unknown', 'nusa-absent'])
    }
    expect(await codeOf(plan({ set: 'tool' }, { set: 'nusa-tool' }))).to.equal('package_set_unknown')
    expect(await state('nusa-tool')).to.equal(undefined)
    expect(runner.ran.filter(line => line.includes(' install '))).to.deep.equal([])
  })

  it('counts of an upgrade only what it takes more than before', async () => {
    const shared = { Architecture: 'amd64', 'Multi-Arch': 'same' }
    archive.add({ name: 'nusa-library', version: '1:2.5-1', fields: { ...shared, 'Installed-Size': '100' } })
    await packages.refresh(origin, call())
    await install({ set: 'tool' })
    expect(await state('nusa-library:amd64')).to.include({ status: 'installed' })
    archive.add(
      { name: 'nusa-library', version: '1:3.0-1', fields: { ...shared, 'Installed-Size': '130' } },
      { name: 'nusa-needs-new', version: '1', fields: { Depends: 'nusa-library (>= 1:3)' } },
    )
    await packages.refresh(origin, call())
    const planned = await plan({ set: 'needsNew' })
    expect(planned.packages.map(({ name, action }) => `${action} ${name}`)).to.deep.equal([
      'upgrade nusa-library',
      'install nusa-needs-new',
    ])
    expect(planned.diskBytes).to.equal((12 + 130 - 100) * 1024)
  })

  it('leaves it to apt what came as a dependency, also when it is upgraded for another', async () => {
    const automatic = () => apt().automatic(['nusa-library', 'nusa-level1.0-run', 'nusa-tool'])
    await install({ set: 'tool' })
    await install({ set: 'versioned', params: { level: '1.0' } })
    expect([...(await automatic())]).to.deep.equal(['nusa-library'])
    archive.add(
      { name: 'nusa-library', version: '1:3.0-1' },
      { name: 'nusa-level1.0-run', version: '1.1-1' },
      {
        name: 'nusa-needs-new',
        version: '1',
        fields: { Depends: 'nusa-library (>= 1:3), nusa-level1.0-run (>= 1.1)' },
      },
    )
    await packages.refresh(origin, call())
    await install({ set: 'needsNew' })
    expect((await state('nusa-library'))?.version).to.equal('1:3.0-1')
    expect([...(await automatic())]).to.deep.equal(['nusa-library'])
  })

  it('chooses the package by an enum parameter alone', async () => {
    expect((await plan({ set: 'versioned', params: { level: '1.0' } })).packages).to.have.length(1)
    for (const level of ['3.0', '1.0 nusa-tool', '-o', '1.0;id', '', '1.0\n', '../1.0'])
      expect(await codeOf(plan({ set: 'versioned', params: { level } })), level).to.equal('param_invalid')
    expect(await codeOf(plan({ set: 'versioned' }))).to.equal('param_invalid')
    expect(await codeOf(plan({ set: 'tool', params: { level: '1.0' } }))).to.equal('param_invalid')
    expect(await codeOf(plan({ set: 'nusa-tool' }))).to.equal('package_set_unknown')
  })

  it('tells what is installed and offered, of several sets at once', async () => {
    await install({ set: 'tool' })
    archive.add({ name: 'nusa-tool', version: '1.1-1', fields: { Depends: 'nusa-library' } })
    await packages.refresh(origin, call())
    const { sets } = await packages.describe(origin, [{ set: 'tool' }, { set: 'absent' }])
    expect(sets).to.deep.equal([
      [{ name: 'nusa-tool', installed: '1.0-1', candidate: '1.1-1' }],
      [{ name: 'nusa-absent', installed: null, candidate: null }],
    ])
    // What is installed is not brought up to date by the way.
    expect((await plan({ set: 'tool' })).packages).to.deep.equal([])
  })

  it('reads with two programs at once at most, however many ask', async () => {
    // Whoever opens it waits until somebody writes.
    const status = `${archive.where.root}/var/lib/dpkg/status`
    rmSync(status)
    spawnSync('/usr/bin/mkfifo', [status])
    const readers = () =>
      readdirSync('/proc').filter(pid => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`dpkg-query\0--admindir=${archive.where.root}/`)
        } catch {
          return false
        }
      }).length
    const shared = apt()
    let open = 8
    const asked = Array.from({ length: open }, () =>
      shared
        .installed()
        .finally(() => open--)
        .catch(() => []),
    )
    await until(() => readers() === 2, 'two readers')
    await pause(200)
    expect(readers()).to.equal(2)
    await until(() => {
      spawnSync('/usr/bin/dd', [`of=${status}`, 'oflag=nonblock', 'conv=notrunc,nocreat', 'if=/dev/null'])
      return open === 0
    }, 'the others')
    await Promise.all(asked)
  })

  it('refuses what the sources do not offer, unless the lists are old enough to be wrong', async () => {
    const problem = await problemOf(plan({ set: 'absent' }))
    expect(problem?.code).to.equal('packages_unknown')
    expect(problem?.params.names).to.equal('nusa-absent')
    const { root } = archive.where
    for (const old of ['lists', 'lists/partial']) utimesSync(`${root}/var/lib/apt/${old}`, 1e9, 1e9)
    const planned = await plan({ set: 'absent' })
    expect(planned.host.stale).to.equal(true)
    expect(planned.unknown).to.deep.equal(['nusa-absent'])
    expect(await codeOf(packages.install(origin, { sets: [{ set: 'absent' }], hash: planned.hash }, call()))).to.equal(
      'packages_unknown',
    )
    rmSync(`${root}/var/lib/apt/lists`, { recursive: true })
    mkdirSync(`${root}/var/lib/apt/lists/partial`, { recursive: true })
    expect((await plan({ set: 'tool' })).host).to.include({ stale: true, refreshed: null })
  })

  it('refuses a plan that would remove a package, and names it', async () => {
    await install({ set: 'tool' })
    archive.add({ name: 'nusa-greedy', version: '1', fields: { Conflicts: 'nusa-library' } })
    await packages.refresh(origin, call())
    const problem = await problemOf(plan({ set: 'greedy' }))
    expect(problem?.code).to.equal('packages_would_remove')
    expect(problem?.params.names).to.contain('nusa-library').and.contain('nusa-tool')
    expect((await state('nusa-tool'))?.status).to.equal('installed')
  })

  it('refuses a plan that would change a held package', async () => {
    await install({ set: 'tool' })
    await runner.run({
      description: '',
      command: {
        file: '/usr/bin/apt-mark',
        argv: [
          ...archive.where.apt,
          ...archive.where.dpkg.flatMap(option => ['-o', `DPkg::Options::=${option}`]),
          'hold',
          'nusa-library',
        ],
      },
    })
    archive.add(
      { name: 'nusa-library', version: '1:3.0-1' },
      { name: 'nusa-needs-new', version: '1', fields: { Depends: 'nusa-library (>= 1:3)' } },
    )
    await packages.refresh(origin, call())
    expect(await codeOf(plan({ set: 'needsNew' }))).to.be.oneOf(['packages_held', 'packages_unmet'])
  })

  it('says what cannot be had together', async () => {
    archive.add({ name: 'nusa-impossible', version: '1', fields: { Depends: 'nusa-nowhere' } })
    await packages.refresh(origin, call())
    const problem = await problemOf(plan({ set: 'impossible' }))
    expect(problem?.code).to.equal('packages_unmet')
    expect(problem?.params.output).to.contain('nusa-nowhere')
  })

  it('refuses a plan when the archive has moved since', async () => {
    const { hash } = await plan({ set: 'tool' })
    archive.add({ name: 'nusa-library', version: '1:2.0-2' })
    await packages.refresh(origin, call())
    expect(await codeOf(packages.install(origin, { sets: [{ set: 'tool' }], hash }, call()))).to.equal('plan_outdated')
    expect(await state('nusa-tool')).to.equal(undefined)
  })

  it('says so when the archive does not have the version of the lists any more', async () => {
    archive.lose('nusa-library', '1:2.0-1')
    const problem = await problemOf(install({ set: 'tool' }))
    expect(problem?.code, problem?.message).to.equal('packages_gone')
    expect(problem?.params.source).to.contain('nusa-library')
  })

  it('names the source that cannot be reached', async () => {
    archive.comesFrom('http://127.0.0.1:9/debian')
    const problem = await problemOf(packages.refresh(origin, call()))
    expect(problem?.code, problem?.message).to.equal('packages_unreachable')
    expect(problem?.params.source).to.contain('http://127.0.0.1:9/debian')
  })

  it('goes on without a source that fails, as long as another answers', async () => {
    writeFileSync(
      `${archive.where.root}/etc/apt/sources.list.d/broken.list`,
      'deb [trusted=yes] http://127.0.0.1:9/extra ./\n',
    )
    archive.add({ name: 'nusa-slow', version: '1' })
    expect(await packages.refresh(origin, call())).to.deep.equal({ changed: true })
    expect(said).to.match(/Going on without a source that failed: .*http:\/\/127\.0\.0\.1:9\/extra/)
    expect(await install({ set: 'slow' })).to.deep.equal({ changed: true })
    expect(await codeOf(plan({ set: 'absent' }))).to.equal('packages_unknown')
    // Nor when nothing is new at the other.
    expect(await packages.refresh(origin, call())).to.deep.equal({ changed: true })
  })

  it('keeps configuration that somebody edited', async () => {
    mkdirSync(`${archive.where.root}/etc`, { recursive: true })
    writeFileSync(`${archive.where.root}/etc/nusa-tool.conf`, 'by hand\n')
    await install({ set: 'tool' })
    expect(readFileSync(`${archive.where.root}/etc/nusa-tool.conf`, 'utf8')).to.equal('by hand\n')
  })

  it('finds an installation whose dpkg was killed, refuses to add to it, and finishes it', async () => {
    archive.add({
      name: 'nusa-crashing',
      version: '1',
      fields: { Depends: 'nusa-library' },
      postinst:
        'if [ ! -e $MARKS/once ]; then touch $MARKS/once; kill -9 $PPID; sleep 0.2; exit 1; fi; touch $MARKS/done',
    })
    await packages.refresh(origin, call())
    expect(await codeOf(install({ set: 'crashing' }))).to.equal('packages_failed')
    expect(said).to.match(/What is left: installed .*nusa-library; half done nusa-crashing/)
    const planned = await plan({ set: 'tool' })
    expect(planned.host.interrupted).to.deep.equal(['nusa-crashing'])
    expect(await codeOf(packages.install(origin, { sets: [{ set: 'tool' }], hash: planned.hash }, call()))).to.equal(
      'packages_interrupted',
    )
    expect(await packages.repair(origin, call())).to.deep.equal({ changed: true })
    expect(existsSync(archive.mark('done'))).to.equal(true)
    expect(await packages.repair(origin, call())).to.deep.equal({ changed: false })
    expect(await install({ set: 'tool' })).to.deep.equal({ changed: true })
    expect(await install({ set: 'crashing' })).to.deep.equal({ changed: false })
  })

  it('finishes what was unpacked without what it depends on', async () => {
    archive.add({
      name: 'nusa-needy',
      version: '1',
      fields: { Depends: 'nusa-library' },
      postinst: 'touch $MARKS/done',
    })
    await packages.refresh(origin, call())
    await runner.run({
      description: '',
      command: {
        file: '/usr/bin/dpkg',
        argv: [...archive.where.dpkg, '--unpack', `${directory}/source/nusa-needy_1_all.deb`],
      },
    })
    expect((await state('nusa-needy'))?.status).to.equal('unpacked')
    expect(await packages.repair(origin, call())).to.deep.equal({ changed: true })
    expect((await state('nusa-needy'))?.status).to.equal('installed')
    expect((await state('nusa-library'))?.status).to.equal('installed')
  })

  it('tells what stands in the way of finishing an installation', async () => {
    archive.add({ name: 'nusa-failing', version: '1', postinst: 'echo "the daemon does not start" >&2; exit 3' })
    await packages.refresh(origin, call())
    expect(await codeOf(install({ set: 'failing' }))).to.equal('packages_failed')
    const problem = await problemOf(packages.repair(origin, call()))
    expect(problem?.code).to.equal('packages_failed')
    expect(problem?.params.output).to.contain('nusa-failing')
  })

  it('tells what a package said that failed', async () => {
    archive.add({ name: 'nusa-failing', version: '1', postinst: 'echo "the daemon does not start" >&2; exit 3' })
    await packages.refresh(origin, call())
    const problem = await problemOf(install({ set: 'failing' }))
    expect(problem?.code).to.equal('packages_failed')
    expect(problem?.params.output).to.contain('nusa-failing')
    expect(said).to.contain('the daemon does not start')
  })

  /** Another program that has half done an installation, until it is let go. */
  async function another(): Promise<{ readonly pid: number | undefined; letGo(): Promise<unknown> }> {
    archive.add({
      name: 'nusa-slow',
      version: '1',
      postinst: 'touch $MARKS/begun; while [ ! -e $MARKS/go ]; do sleep 0.05; done',
    })
    await packages.refresh(origin, call())
    const { file, argv } = apt().install(['nusa-slow=1'])
    const other = spawn(file, argv, { env: packageEnvironment, stdio: 'ignore' })
    const ended = new Promise(resolve => other.once('close', resolve))
    const letGo = () => {
      writeFileSync(archive.mark('go'), '')
      return ended
    }
    try {
      await until(() => existsSync(archive.mark('begun')), 'the other installation')
    } catch (error) {
      await letGo()
      throw error
    }
    return { pid: other.pid, letGo }
  }

  it('names the program that holds the lock', async () => {
    const { pid, letGo } = await another()
    try {
      const problem = await problemOf(
        packages.install(origin, { sets: [{ set: 'tool' }], hash: (await plan({ set: 'tool' })).hash }, call()),
      )
      // What the other one has half done is seen first.
      expect(problem?.code).to.equal('packages_interrupted')
      const repaired = await problemOf(packages.repair(origin, call()))
      expect(repaired?.code, repaired?.message).to.equal('packages_locked')
      expect(repaired?.params).to.include({ program: 'apt-get', pid })
    } finally {
      await letGo()
    }
    expect(await packages.repair(origin, call())).to.deep.equal({ changed: false })
    expect(await install({ set: 'tool' })).to.deep.equal({ changed: true })
  })

  it('waits for a program that is at work, whose half done packages are no interruption', async () => {
    const { hash } = await plan({ set: 'tool' })
    const patient = packagesWith(true, 30_000)
    const { letGo } = await another()
    const repaired = codeOf(patient.repair(origin, call()))
    const installed = codeOf(packagesWith(true, 30_000).install(origin, { sets: [{ set: 'tool' }], hash }, call()))
    await until(() => runner.ran.some(line => line.includes('--configure --pending')), 'the first try')
    await letGo()
    expect(await Promise.all([repaired, installed])).to.deep.equal(['ok', 'ok'])
    expect((await state('nusa-tool'))?.status).to.equal('installed')
  })

  it('installs one plan at a time', async () => {
    const hashes = await Promise.all([plan({ set: 'tool' }), plan({ set: 'versioned', params: { level: '1.0' } })])
    await Promise.all([
      packages.install(origin, { sets: [{ set: 'tool' }], hash: hashes[0].hash }, call()),
      packages.install(
        origin,
        { sets: [{ set: 'versioned', params: { level: '1.0' } }], hash: hashes[1].hash },
        call(),
      ),
    ])
    expect((await apt().installed()).map(({ name }) => name).sort()).to.deep.equal([
      'nusa-level1.0-run',
      'nusa-library',
      'nusa-tool',
    ])
  })

  it('changes nothing where it is not permitted, and names what to install', async () => {
    const refusing = packagesWith(false)
    expect((await refusing.plan(origin, [{ set: 'tool' }])).host.permitted).to.equal(false)
    const sets = [{ set: 'tool' }, { set: 'absent' }]
    const problem = await problemOf(refusing.install(origin, { sets, hash: 'f'.repeat(64) }, call()))
    expect([problem?.code, problem?.params.names]).to.deep.equal(['packages_refused', 'nusa-tool nusa-absent'])
    for (const change of [refusing.repair(origin, call()), refusing.refresh(origin, call())])
      expect(await codeOf(change)).to.equal('packages_refused')
    expect(await state('nusa-tool')).to.equal(undefined)
  })

  it('does nothing for a plugin without any set', async () => {
    expect(await codeOf(packages.repair(otherOrigin, call()))).to.equal('param_invalid')
    expect(await codeOf(packages.refresh(otherOrigin, call()))).to.equal('param_invalid')
    expect(await codeOf(packages.plan(otherOrigin, [{ set: 'tool' }]))).to.equal('package_set_unknown')
    expect(await codeOf(packages.plan({ ...origin, policy: 'f'.repeat(64) }, [{ set: 'tool' }]))).to.equal(
      'policy_changed',
    )
  })

  it('has its intents and results in the journal', async () => {
    await install({ set: 'tool' })
    await journal.flush()
    const { ok, entries } = await journal.verify()
    expect(ok).to.equal(true)
    expect(entries).to.be.greaterThan(3)
  })
})
