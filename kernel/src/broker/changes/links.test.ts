import { lstatSync, mkdirSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { type FileRule, type Privileges, Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { type Bench, bench, manifest, vhost } from './testing/bench.test.js'

/** The bench's manifest with a file that a distribution enables by a link. */
function privileges(mayBeLink: boolean): Privileges {
  const plain = manifest()
  const enabled: FileRule = {
    path: ['${etc}/web/sites.d/zz-default.conf'],
    format: 'block',
    grammar: 'grammars/vhost.json',
    owner: 'root',
    mode: '0644',
    maxBytes: 4096,
    ...(mayBeLink && { mayBeLink }),
  }
  const { vhost: change } = plain.changes as { vhost: NonNullable<Privileges['changes']>[string] }
  return {
    ...plain,
    files: { ...plain.files, enabled },
    changes: { vhost: { ...change, files: [...change.files, 'enabled'] } },
  }
}

describe('a managed path at which a link stands', function () {
  this.timeout(30_000)
  let web: Bench
  let link: string
  let target: string
  afterEach(() => web.remove())

  async function begin(mayBeLink: boolean): Promise<void> {
    web = await bench({ privileges: privileges(mayBeLink) })
    const available = `${web.home.config.roots.etc}/web/available`
    mkdirSync(available, { mode: 0o755 })
    target = `${available}/default.conf`
    link = `${web.sites}/zz-default.conf`
    writeFileSync(target, `server { listen 127.0.0.1:${web.http}; server_name given.test; return 418; }\n`)
    symlinkSync(target, link)
  }
  /** What a distribution left there is nobody's: whoever removes it says so. */
  const removal = (status: '200' | '404' = '200') => ({
    files: { vhost: vhost('site1', { status }), enabled: null },
    onDrift: 'discard' as const,
  })
  const leads = () => lstatSync(link, { throwIfNoEntry: false }) && readlinkSync(link)

  it('loses the link, which the plan shows, and gets it back when the change is taken back', async () => {
    await begin(true)
    const plan = await web.changes.plan({
      ...web.origin,
      change: 'vhost',
      params: { site: 'site1', wave: 'a' },
      names: [],
      ...removal(),
    })
    const shown = plan.files.find(({ path }) => path === link)
    expect(shown?.action).to.equal('delete')
    expect(shown?.diff).to.include(`-symbolic link to ${target}`)
    await web.apply('site1', removal(), { changeId: 'away' })
    expect(leads()).to.equal(undefined)
    expect(lstatSync(target).isFile()).to.equal(true)
    await web.changes.revert({ ...web.origin, changeId: 'away', revertId: 'back', attempt: 1 })
    expect(leads()).to.equal(target)
    expect((await web.changes.drift(web.origin)).files).to.deep.equal([])
  })

  it('keeps the link when the change is not taken by the service', async () => {
    await begin(true)
    const failure = await web.apply('site1', removal('404')).catch(error => error)
    expect((failure as Problem).code).to.equal('probe_failed')
    expect(leads()).to.equal(target)
  })

  it('shows and puts back a link that was put back once and led elsewhere since', async () => {
    await begin(true)
    await web.apply('site1', removal(), { changeId: 'away' })
    await web.changes.revert({ ...web.origin, changeId: 'away', revertId: 'back', attempt: 1 })
    const other = target.replace('default', 'other')
    writeFileSync(other, '')
    unlinkSync(link)
    symlinkSync(other, link)
    const [drifted] = (await web.changes.drift(web.origin)).files
    expect(drifted?.diff).to.include(`-symbolic link to ${target}`).and.include(`+symbolic link to ${other}`)
    await web.changes.drift({ ...web.origin, path: link, action: 'discard' })
    expect(leads()).to.equal(target)
  })

  it('is refused where the manifest expects none', async () => {
    await begin(false)
    const failure = await web.apply('site1', removal()).catch(error => error)
    expect(failure).to.be.instanceOf(Problem)
    expect([failure.code, failure.params.cause]).to.deep.equal(['write_failed', 'is a symbolic link'])
    expect(leads()).to.equal(target)
  })
})
