import type { TestJob } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, signIn } from './server/panel.js'
import { type Boundary, goOn, orderPause, paused, preparePauses } from './server/pauses.js'
import { PhpSite } from './server/php-site.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

const type = 'sites.update'
const units = { panel: 'nusantara-panel.service', broker: 'nusantara-broker.service' } as const

describe(`A change of a site on ${debian.name}, when a process is killed`, () => {
  let server: Server
  let admin: Administrator
  let site: PhpSite
  let steps: readonly string[]
  let megabytes = 64

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    site = await PhpSite.create(server, admin, 'change.example.test')
    await preparePauses(server)
    await panelAnswers()
    const job = await admin.done(await site.change(admin, ++megabytes))
    expect(await site.served()).to.equal(megabytes)
    const { body } = await admin.client.get<{ steps: readonly { name: string }[] }>(`/jobs/${job.id}`)
    steps = body.steps.map(({ name }) => name)
    expect(steps.length).to.be.greaterThan(1)
  })
  after(() => server.remove())

  const panelAnswers = () =>
    until('the panel', async () => (await admin.client.get('/auth/session')).status === 200, 60)

  const newest = async (): Promise<TestJob> => {
    const { body } = await admin.client.get<{ items: TestJob[] }>(`/jobs?type=${type}&limit=1`)
    return body.items[0] as TestJob
  }

  /** Kills one at a boundary; afterwards the site is served as the job says, old or new, and the records are whole. */
  async function survives(victim: keyof typeof units, boundary: Boundary): Promise<void> {
    const old = megabytes++
    const earlier = (await newest()).id
    await orderPause(server, boundary)
    const asked = site.change(admin, megabytes).catch(() => undefined)
    await paused(server, boundary)
    await server.ok(['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', units[victim]])
    await goOn(server)
    await asked
    await panelAnswers()
    const job = await until(
      'the end of the job',
      async () => {
        const job = await newest()
        return job.id !== earlier && ['succeeded', 'failed', 'cancelled'].includes(job.state) && job
      },
      60,
    )
    const wanted = job.state === 'succeeded' ? megabytes : old
    expect(await site.served(), `the job ${job.state}: ${JSON.stringify(job.problem)}`).to.equal(wanted)
    megabytes = wanted
    const verify = await server.run(['nusa', 'audit', 'verify'])
    expect(verify.code, verify.stdout + verify.stderr).to.equal(0)
    // So many deaths in a minute are the test's doing; a unit that dies so often by itself stays down.
    await server.ok(['systemctl', 'reset-failed', ...Object.values(units)])
  }

  it('is old or new after kill -9 of the panel before and after each step', async () => {
    for (const step of steps)
      for (const moment of ['before-run', 'after-run'] as const) await survives('panel', { type, step, moment })
  })

  it('is old or new after kill -9 of the panel around the end of its job', async () => {
    for (const moment of ['before-settle', 'after-settle'] as const) await survives('panel', { type, step: '', moment })
  })

  it('is old or new after kill -9 of the broker before each step', async () => {
    for (const step of steps) await survives('broker', { type, step, moment: 'before-run' })
  })
})
