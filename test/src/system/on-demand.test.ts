import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { memoryOf, pageTime, printFigures } from './server/figures.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, panelUrl, signIn } from './server/panel.js'
import { orderPause, paused, preparePauses } from './server/pauses.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

const panel = 'nusantara-panel.service'
const broker = 'nusantara-broker.service'

describe(`A panel that nobody looks at, on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator

  before(async () => {
    server = await bootInstalled()
  })
  after(() => server.remove())

  const stateOf = async (unit: string) =>
    (await server.run(['systemctl', 'show', '--property=ActiveState', '--value', unit])).stdout.trim()
  const left = (unit: string) =>
    until(`${unit} to leave by itself`, async () => (await stateOf(unit)) === 'inactive', 120)

  it('leaves after a stranger’s request, as the broker does, and nothing of both is in memory', async () => {
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
    await left(panel)
    await left(broker)
    expect(await memoryOf(server, panel)).to.equal(0)
    expect(await memoryOf(server, broker)).to.equal(0)
    expect(await server.ok(['systemctl', 'is-active', 'nusantara-panel.socket'])).to.equal('active\n')
  })

  it('stays away over a reboot, and comes for the first who opens a page', async () => {
    await server.reboot()
    expect(await stateOf(panel)).to.equal('inactive')
    const booted = await pageTime(server, `${panelUrl}/`)
    const cold: number[] = []
    for (let round = 0; round < 5; round++) {
      await server.ok(['systemctl', 'stop', panel])
      cold.push(await pageTime(server, `${panelUrl}/`))
    }
    const median = cold.sort((a, b) => a - b)[2] as number
    printFigures(`First page on ${debian.name}`, {
      'after a boot': `${booted.toFixed(0)} ms`,
      'from a stopped panel': `${median.toFixed(0)} ms`,
    })
    // The promise is a second on a machine that does nothing else.
    expect(median).to.be.lessThan(4_000)
    expect(await stateOf(panel)).to.equal('active')
  })

  it('goes on with its jobs when the power fails, though nobody asks it to', async () => {
    admin = await signIn(server)
    const first = await admin.done(
      await admin.client.post('/sites', { domain: 'first.example.test', runtime: 'static' }),
    )
    const { body } = await admin.client.get<{ steps: readonly { name: string }[] }>(`/jobs/${first.id}`)
    const last = body.steps.at(-1)?.name as string
    await preparePauses(server)
    await until('the panel', async () => (await admin.client.get('/auth/session')).status === 200)
    const boundary = { type: 'sites.create', step: last, moment: 'before-run' } as const
    await orderPause(server, boundary)
    const asked = admin.client
      .post('/sites', { domain: 'second.example.test', runtime: 'static' })
      .catch(() => undefined)
    await paused(server, boundary)
    await server.crash()
    await asked
    await server.start()
    // No connection is made before it is there.
    await until('the panel starting by itself', async () => (await stateOf(panel)) === 'active', 60)
    await until(
      'the end of every job',
      async () => {
        const { body } = await admin.client.get<{ items: readonly { state: string }[] }>('/jobs?limit=5')
        return body.items.every(({ state }) => state === 'succeeded')
      },
      60,
    )
    expect((await server.fetch('http://second.example.test/')).body).to.include('second.example.test')
  })
})
