import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { TestJob } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, signIn } from './server/panel.js'
import { PhpSite } from './server/php-site.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

/** So many moments of a change, spread evenly over all that was seen to be written in one. */
const moments = 8

describe(`A change of a site on ${debian.name}, when the power fails`, () => {
  let server: Server
  let admin: Administrator
  let site: PhpSite
  let megabytes = 64

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    site = await PhpSite.create(server, admin, 'power.example.test')
  })
  after(() => server.remove())

  /** Tells of each entry that is written in the folders through which a change goes. */
  function onWrite(tell: () => void): () => void {
    const folders = [
      'var/lib/nusantara',
      'var/lib/nusantara-broker/journal',
      'var/lib/nusantara-broker/changes',
      'etc/nginx/nusantara.d',
      `etc/nusantara-php/${site.site.tenant}`,
    ]
    const watchers: FSWatcher[] = folders.map(folder => watch(join(server.root, folder), tell))
    return () => {
      for (const watcher of watchers) watcher.close()
    }
  }

  async function writesOfOneChange(): Promise<number> {
    let seen = 0
    const end = onWrite(() => seen++)
    await admin.done(await site.change(admin, ++megabytes))
    end()
    expect(await site.served()).to.equal(megabytes)
    return seen
  }

  /** The power fails at the nth write. Afterwards the site is as its job says, old or new. */
  async function failsAt(nth: number): Promise<string> {
    const old = megabytes++
    let seen = 0
    let dark: Promise<void> | undefined
    let over = false
    const end = onWrite(() => {
      if (++seen === nth) dark = server.crash()
    })
    const asked = site
      .change(admin, megabytes)
      .then(answer => admin.job(answer, 10))
      .catch(() => {})
      .then(() => {
        over = true
      })
    await until(`write ${nth} of a change`, () => dark !== undefined || over)
    end()
    await (dark ?? server.crash())
    await server.start()
    expect(await server.ok(['systemctl', 'is-active', 'nginx'])).to.equal('active\n')
    // Each of the job's changes is whole by itself: the one of PHP may be made and the other not yet.
    const { php, web } = await site.limits()
    for (const limit of [php, web]) expect(limit).to.be.oneOf([old, megabytes])
    await asked
    await until('the panel', async () => (await admin.client.get('/auth/session')).status === 200, 60)
    const job = await until(
      'the end of every job',
      async () => {
        const { body } = await admin.client.get<{ items: TestJob[] }>('/jobs?limit=5')
        const open = body.items.filter(({ state }) => state === 'queued' || state === 'running')
        return open.length === 0 && body.items[0]
      },
      60,
    )
    const last = await site.served()
    const { body } = await admin.client.get<{ runtime: { settings: { memory_limit: string } } }>(
      `/sites/${site.site.id}`,
    )
    expect(body.runtime.settings.memory_limit, 'what the panel believes').to.equal(`${last}m`)
    const verify = await server.run(['nusa', 'audit', 'verify'])
    expect(verify.code, verify.stdout + verify.stderr).to.equal(0)
    const age = (limit: number) => (limit === old ? 'old' : 'new')
    const said = `write ${nth}: PHP ${age(php)} and web ${age(web)} at once, both ${age(last)} in the end (${job.state})`
    megabytes = last
    return said
  }

  it('is old or new, at each of several moments', async () => {
    const writes = await writesOfOneChange()
    for (let moment = 1; moment <= moments; moment++) {
      const nth = Math.max(1, Math.round((writes * moment) / moments))
      process.stdout.write(`      of ${writes}, ${await failsAt(nth)}\n`)
    }
  })
})
