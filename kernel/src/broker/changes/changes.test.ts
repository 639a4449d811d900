import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { newTenantId, Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { until } from '../../testing/until.js'
import { type Bench, bench, connection, domain, manifest, vhost } from './testing/bench.test.js'

async function problem(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('did not fail')
}

const names = (each: Bench) => Object.keys(each.files()).sort()

describe('changes on a real web server', function () {
  this.timeout(30_000)
  let web: Bench
  beforeEach(async () => {
    web = await bench()
  })
  afterEach(() => web.remove())

  it('plans without touching anything, then applies exactly that plan', async () => {
    const request = {
      ...web.origin,
      change: 'vhost',
      params: { site: 'site1', wave: 'a' },
      files: { vhost: vhost('site1') },
      names: [domain('site1')],
    }
    const plan = await web.changes.plan(request)
    expect(plan.files[0]).to.include({ action: 'create', before: null })
    expect(plan.files[0]?.diff).to.contain('+    server_name site1.test;')
    expect(plan.services).to.deep.equal([{ service: 'web', verb: 'start' }])
    expect(web.files()).to.deep.equal({})
    const result = await web.apply('site1', {}, { expectHash: plan.hash })
    expect(result).to.include({ state: 'applied', batch: 1 })
    expect(await web.ask('site1')).to.equal(result.revision)
    expect(names(web)).to.deep.equal(['00-revision.conf', 'a-site1.conf'])
    const again = await web.changes.plan(request)
    expect(again.files[0]).to.include({ action: 'none', diff: '' })
    expect(again.services).to.deep.equal([])
    expect((await problem(web.apply('site1', {}, { expectHash: plan.hash }))).code).to.equal('plan_outdated')
  })

  it('gives the recorded outcome to whoever asks again and refuses lower attempts', async () => {
    const ask = (attempt: number, size = '1m') =>
      web.apply('site1', { files: { vhost: vhost('site1', { size }) } }, { changeId: 'c', attempt })
    const [first, second] = await Promise.all([ask(2), ask(2)])
    expect(second).to.deep.equal(first)
    expect(await ask(3)).to.deep.equal(first)
    expect((await problem(ask(1))).code).to.equal('attempt_stale')
    expect((await problem(ask(3, '2m'))).code).to.equal('param_invalid')
    expect(await web.changes.describe({ ...web.origin, changeId: 'c' })).to.deep.equal(first)
    expect(await web.changes.describe({ ...web.origin, plugin: 'other', changeId: 'c' })).to.equal(null)
    web = await web.reopen()
    expect(await web.apply('site1', {}, { changeId: 'c', attempt: 2 })).to.deep.equal(first)
  })

  it('removes a directory that it made with the last file in it, and no other', async () => {
    const keys = `${web.home.config.roots.etc}/web/keys`
    const withKey = (name: string) => web.apply(name, { files: { vhost: vhost(name), key: { opaque: `${name}\n` } } })
    const without = (name: string) => web.apply(name, { files: { vhost: null, key: null }, names: [] })
    const umask = process.umask(0o077)
    await withKey('site1').finally(() => process.umask(umask))
    expect(statSync(keys).mode & 0o777).to.equal(0o755)
    await withKey('site2')
    await without('site1')
    expect(existsSync(keys)).to.equal(true)
    web = await web.reopen()
    await without('site2')
    expect(existsSync(keys)).to.equal(false)
    expect(existsSync(web.sites)).to.equal(true)
    await withKey('site3')
    rmSync(`${keys}/a-site3.txt`)
    web = await web.reopen()
    expect(existsSync(keys)).to.equal(false)
  })

  it('applies nothing of a change that fails its check, and says what the check said', async () => {
    await web.apply('site1')
    const before = web.files()
    const failure = await problem(web.apply('site2', { files: { vhost: [{ name: 'broken' }] } }, { changeId: 'bad' }))
    expect(failure.code).to.equal('check_failed')
    expect(failure.params.output).to.match(/unknown directive "broken" in .*\/etc\/web\/sites\.d\/a-site2\.conf/)
    expect(web.files()).to.deep.equal(before)
    expect(await web.ask('site1')).to.match(/^[0-9a-f]{16}$/)
    expect(
      (await problem(web.apply('site2', { files: { vhost: [{ name: 'broken' }] } }, { changeId: 'bad' }))).params,
    ).to.deep.equal(failure.params)
  })

  it('applies the good changes of a batch that holds a bad one, with one reload', async () => {
    await web.apply('site0')
    const bad = problem(web.apply('site5', { files: { vhost: [{ name: 'broken' }] } }))
    const good = await Promise.all(['site1', 'site2', 'site3', 'site4', 'site6'].map(name => web.apply(name)))
    expect((await bad).code).to.equal('check_failed')
    expect(new Set(good.map(({ revision }) => revision)).size).to.equal(1)
    expect(good[0]?.batch).to.equal(5)
    for (const name of ['site0', 'site1', 'site6']) expect(await web.ask(name)).to.match(/^[0-9a-f]{16}$/)
    expect(names(web)).not.to.include('a-site5.conf')
  })

  it('lets one of two changes through that pass alone and fail together', async () => {
    await web.apply('site0')
    const zone = (key: string) => ({ extra: [{ name: 'limit_req_zone', args: [key, 'zone=same:1m', 'rate=1r/s'] }] })
    const outcomes = await Promise.allSettled([
      web.apply('site1', { files: { vhost: vhost('site1', zone('$binary_remote_addr')) } }),
      web.apply('site2', { files: { vhost: vhost('site2', zone('$remote_user')) } }),
    ])
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected'])
    const rejected = outcomes.find(outcome => outcome.status === 'rejected')?.reason as Problem
    expect(rejected.params.output).to.contain('"same"')
  })

  it('takes out a change whose name does not answer and keeps the others', async () => {
    const outcomes = await Promise.allSettled([
      web.apply('site1'),
      web.apply('site2', { files: { vhost: vhost('site2', { status: '404' }) } }),
      web.apply('site3'),
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect((outcomes[1] as PromiseRejectedResult).reason).to.include({ code: 'probe_failed' })
    expect((outcomes[1] as PromiseRejectedResult).reason.params).to.include({ name: 'site2.test' })
    expect(names(web)).to.deep.equal(['00-revision.conf', 'a-site1.conf', 'a-site3.conf'])
    expect(await web.ask('site3')).to.match(/^[0-9a-f]{16}$/)
  })

  it('asks wildcard names by one of them', async () => {
    const result = await web.apply('site1', {
      files: { vhost: vhost('site1', { name: '*.wild.test' }) },
      names: ['*.wild.test'],
    })
    expect(result.state).to.equal('applied')
  })

  it('takes back a change that the check accepts and the reload does not take', async () => {
    await web.apply('site0')
    const before = web.files()
    // The check accepts an occupied port; the running master then keeps its old configuration.
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const conf = `${web.home.config.roots.etc}/web/nginx.conf`
    const original = readFileSync(conf, 'utf8')
    writeFileSync(conf, original.replace('http {', `http {\n  server { listen 127.0.0.1:${port}; }`))
    try {
      const failure = await problem(web.apply('site1'))
      expect(failure).to.include({ code: 'probe_failed' })
      expect(web.files()).to.deep.equal(before)
      writeFileSync(conf, original)
      expect((await web.apply('site1')).state).to.equal('applied')
    } finally {
      server.close()
    }
  })

  it('refuses to overwrite a hand edit, shows it, and adopts or discards it', async () => {
    await web.apply('site1')
    const file = `${web.sites}/a-site1.conf`
    const written = readFileSync(file, 'utf8')
    writeFileSync(file, written.replace('1m;', '7m;'))
    expect(await problem(web.apply('site1', { files: { vhost: vhost('site1', { size: '2m' }) } }))).to.include({
      code: 'drift',
    })
    writeFileSync(`${web.sites}/by-hand.conf`, '# mine\n')
    const { files } = await web.changes.drift(web.origin)
    expect(files.map(({ kind }) => kind)).to.deep.equal(['modified', 'foreign'])
    expect(files[0]?.diff)
      .to.contain('-        client_max_body_size 1m;'.replace('        ', '    '))
      .and.contain('+    client_max_body_size 7m;')
    await web.changes.drift({ ...web.origin, path: file, action: 'discard' })
    expect(readFileSync(file, 'utf8')).to.equal(written)
    writeFileSync(file, written.replace('1m;', '8m;'))
    expect((await web.changes.drift({ ...web.origin, path: file, action: 'adopt' })).files).to.deep.equal([])
    expect(readFileSync(file, 'utf8')).to.contain('8m;')
    expect((await web.apply('site1', { files: { vhost: vhost('site1', { size: '2m' }) } })).state).to.equal('applied')
    expect(existsSync(`${web.sites}/by-hand.conf`)).to.equal(true)
    expect(
      (await problem(web.changes.drift({ ...web.origin, path: `${web.sites}/by-hand.conf`, action: 'discard' }))).code,
    ).to.equal('param_invalid')
    expect((await problem(web.changes.drift({ ...web.origin, path: '/etc/passwd', action: 'adopt' }))).code).to.equal(
      'param_invalid',
    )
  })

  it('overwrites a hand edit when told to, and can bring it back', async () => {
    await web.apply('site1')
    const file = `${web.sites}/a-site1.conf`
    const edited = readFileSync(file, 'utf8').replace('1m;', '7m;')
    writeFileSync(file, edited)
    await web.apply(
      'site1',
      { files: { vhost: vhost('site1', { size: '2m' }) }, onDrift: 'discard' },
      { changeId: 'over' },
    )
    await web.changes.revert({ ...web.origin, changeId: 'over', revertId: 'back', attempt: 1 })
    expect(readFileSync(file, 'utf8')).to.equal(edited)
  })

  it('takes a change back as a change of its own, and refuses when the files changed since', async () => {
    await web.apply('site1', {}, { changeId: 'first' })
    const file = `${web.sites}/a-site1.conf`
    const first = readFileSync(file, 'utf8')
    await web.apply('site1', { files: { vhost: vhost('site1', { size: '2m' }) } }, { changeId: 'second' })
    const revert = (changeId: string, revertId: string) =>
      web.changes.revert({ ...web.origin, changeId, revertId, attempt: 1 })
    const replaced = async (changeId: string) =>
      (await web.changes.describe({ ...web.origin, changeId, diff: true }))?.files?.map(each => each.replaced ?? false)
    expect([await replaced('first'), await replaced('second')]).to.deep.equal([[true], [false]])
    expect(await problem(revert('first', 'r1'))).to.include({ code: 'change_conflict' })
    const done = await revert('second', 'r2')
    expect(done).to.include({ changeId: 'r2', state: 'applied' })
    expect(readFileSync(file, 'utf8')).to.equal(first)
    expect(await revert('second', 'r2')).to.deep.equal(done)
    expect((await web.changes.describe({ ...web.origin, changeId: 'second' }))?.state).to.equal('reverted')
    expect((await web.changes.drift(web.origin)).files).to.deep.equal([])
    await revert('first', 'r3')
    expect(names(web)).to.deep.equal(['00-revision.conf'])
    expect((await problem(revert('nothing', 'r4'))).code).to.equal('change_unknown')
  })

  it('shows secret files by their hashes alone', async () => {
    const request = {
      ...web.origin,
      change: 'vhost',
      params: { site: 'site1', wave: 'a' },
      files: { key: { opaque: 'hunter2\n' } },
    }
    expect((await web.changes.plan(request)).files[0]?.diff)
      .to.match(/absent → sha256:/)
      .and.not.contain('hunter2')
    await web.apply('site1', { files: { vhost: vhost('site1'), key: { opaque: 'hunter2\n' } } })
    const key = `${web.home.config.roots.etc}/web/keys/a-site1.txt`
    expect(statSync(key).mode & 0o777).to.equal(0o600)
    writeFileSync(key, 'hunter3\n')
    expect(JSON.stringify(await web.changes.drift(web.origin))).not.to.contain('hunter')
  })

  it('takes back what nobody confirms in time, also when the broker was dead meanwhile', async () => {
    let now = Date.now()
    const clock = { now: () => new Date(now) }
    web = await web.reopen(clock)
    const confirm = (changeId: string, over: number) => web.changes.confirm({ ...web.origin, changeId }, over)
    await web.apply('site0')
    const kept = await web.apply('site1', {}, { changeId: 'kept', deadline: 60 })
    expect(kept.state).to.equal('awaiting_confirmation')
    expect((await problem(confirm('kept', connection))).code).to.equal('confirmation_stale')
    expect((await problem(confirm('kept', connection - 1))).code).to.equal('confirmation_stale')
    expect((await confirm('kept', connection + 1)).state).to.equal('applied')
    expect((await confirm('kept', connection)).state).to.equal('applied')
    await web.apply('site2', {}, { changeId: 'lost', deadline: 60 })
    now += 60_000
    expect((await problem(confirm('lost', connection + 1))).code).to.equal('confirmation_late')
    now -= 60_000
    expect(names(web)).to.include('a-site2.conf')
    now += 61_000
    web = await web.reopen(clock)
    await until(async () => (await web.changes.describe({ ...web.origin, changeId: 'lost' }))?.state === 'reverted')
    expect(names(web)).to.deep.equal(['00-revision.conf', 'a-site0.conf', 'a-site1.conf'])
  })

  it('takes a confirmation over any connection that a new broker accepts', async () => {
    await web.apply('site1', {}, { changeId: 'kept', deadline: 60 })
    web = await web.reopen()
    expect((await web.changes.confirm({ ...web.origin, changeId: 'kept' }, 1)).state).to.equal('applied')
  })

  it('lets nothing come on top of a change that is not confirmed, but takes it back when asked', async () => {
    await web.apply('site1')
    const before = web.files()['a-site1.conf']
    const resize = (size: string) => ({ files: { vhost: vhost('site1', { size }) } })
    await web.apply('site1', resize('2m'), { changeId: 'waits', deadline: 60 })
    const refused = await problem(web.apply('site1', resize('3m')))
    expect([refused.code, refused.params.changeId]).to.deep.equal(['change_unconfirmed', 'waits'])
    expect((await web.apply('site2')).state).to.equal('applied')
    await web.changes.revert({ ...web.origin, changeId: 'waits', revertId: 'back', attempt: 1 })
    expect(web.files()['a-site1.conf']).to.equal(before)
    expect((await web.changes.confirm({ ...web.origin, changeId: 'waits' }, connection + 1)).state).to.equal('reverted')
    expect((await web.apply('site1', resize('3m'))).state).to.equal('applied')
  })

  it('applies no change with a deadline that nobody would keep, and bounds how many wait', async () => {
    const kept = new Map<string, Date>()
    let broken = true
    web = await web.reopen({
      guard: {
        keep: async (changeId, deadline) => {
          if (broken) throw new Error('no timers here')
          kept.set(changeId, deadline)
        },
        release: async changeId => void kept.delete(changeId),
        restore: async () => {},
        stop: () => {},
      },
    })
    const wait = (name: string) => web.apply(name, {}, { changeId: name, deadline: 600 })
    expect((await problem(wait('site1'))).code).to.equal('deadline_unguarded')
    expect(web.files()).to.deep.equal({})
    broken = false
    const bad = { files: { vhost: [{ name: 'broken' }] }, names: [] }
    expect((await problem(web.apply('site2', bad, { deadline: 600 }))).code).to.equal('check_failed')
    expect(kept.size).to.equal(0)
    const all = await Promise.allSettled(Array.from({ length: 70 }, (_, index) => wait(`site${index}`)))
    expect(all.filter(({ status }) => status === 'fulfilled').length).to.equal(64)
    expect(all.filter(each => each.status === 'rejected').every(({ reason }) => reason.code === 'busy')).to.equal(true)
    expect(kept.size).to.equal(64)
    await web.changes.confirm({ ...web.origin, changeId: 'site0' }, connection + 1)
    expect(kept.size).to.equal(63)
    expect((await wait('site69')).state).to.equal('awaiting_confirmation')
  })

  it('takes a change back at its deadline without starting a service that was stopped since', async () => {
    let now = Date.now()
    web = await web.reopen({ now: () => new Date(now) })
    await web.apply('site1', {}, { changeId: 'lost', deadline: 60 })
    await web.services.stop({ plugin: 'web', service: 'web' })
    now += 61_000
    web = await web.reopen()
    expect((await web.changes.describe({ ...web.origin, changeId: 'lost' }))?.state).to.equal('reverted')
    expect(names(web)).to.deep.equal(['00-revision.conf'])
    expect((await web.services.status({ plugin: 'web', service: 'web' })).active).to.equal(false)
  })

  it('writes nothing that the policy does not name', async () => {
    await web.apply('site0')
    const before = web.files()
    const codes = async (request: object) => (await problem(web.apply('site1', request))).code
    expect(await codes({ change: 'other' })).to.equal('param_invalid')
    expect(await codes({ files: { passwd: [] } })).to.equal('param_invalid')
    expect(await codes({ params: { site: '../../passwd', wave: 'a' } })).to.equal('param_invalid')
    expect(await codes({ params: { site: 'site1', wave: 'a', more: 'x' } })).to.equal('param_invalid')
    expect(await codes({ files: { vhost: [{ name: 'include', args: ['/etc/passwd'] }] } })).to.equal(
      'grammar_violation',
    )
    expect(await codes({ files: { vhost: { opaque: 'include /etc/passwd;' } } })).to.equal('grammar_violation')
    expect(await codes({ names: ['a b'] })).to.equal('param_invalid')
    expect(await codes({ policy: '0'.repeat(64) })).to.equal('policy_changed')
    expect(await codes({ tenant: newTenantId() })).to.equal('tenant_unknown')
    const target = `${web.sites}/a-site1.conf`
    writeFileSync(`${web.home.directory}/victim`, 'precious')
    const { symlinkSync } = await import('node:fs')
    symlinkSync(`${web.home.directory}/victim`, target)
    expect(await codes({})).to.equal('write_failed')
    rmSync(target)
    linkSync(`${web.home.directory}/victim`, target)
    expect(await codes({})).to.equal('drift')
    expect(readFileSync(`${web.home.directory}/victim`, 'utf8')).to.equal('precious')
    rmSync(target)
    expect(web.files()).to.deep.equal(before)
  })

  it('refuses a directory that others can write to', async () => {
    const { chmodSync } = await import('node:fs')
    chmodSync(web.sites, 0o777)
    expect(await problem(web.apply('site1'))).to.include({ code: 'path_unsafe' })
  })
})

describe('changes on a web server that lies', function () {
  this.timeout(30_000)

  it('restores the files when a reload returns but the old configuration keeps serving', async () => {
    const web = await bench({ privileges: manifest('USR1'), probeTimeoutMs: 400 })
    try {
      await web.apply('site0')
      const before = web.files()
      const outcomes = await Promise.allSettled(['site1', 'site2', 'site3'].map(name => web.apply(name)))
      for (const outcome of outcomes)
        expect((outcome as PromiseRejectedResult).reason).to.include({ code: 'probe_failed' })
      expect(web.files()).to.deep.equal(before)
      expect(await web.ask('site0')).to.match(/^[0-9a-f]{16}$/)
    } finally {
      await web.remove()
    }
  })
})
