import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { type Bench, bench, vhost } from './testing/bench.test.js'

const waves = ['b', 'c', 'd', 'e'] as const
const many = waves.flatMap(wave => Array.from({ length: 250 }, (_, index) => `${wave}-site${index}`))

/** Reloads that really happened: each batch has a revision of its own. */
const revisions = (results: readonly { readonly revision?: string }[]) =>
  new Set(results.map(({ revision }) => revision)).size

describe('batches of changes', function () {
  this.timeout(60_000)
  let web: Bench
  before(async () => {
    web = await bench({ probeTimeoutMs: 15_000 })
    await web.apply('site0')
  })
  after(() => web.remove())

  it('serves a hundred concurrent changes with at most 15 reloads', async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        // They arrive over half a second, as they do from a queue of jobs.
        await new Promise(resolve => setTimeout(resolve, index * 5))
        return web.apply(`site${index + 1}`)
      }),
    )
    expect(revisions(results)).to.be.lessThanOrEqual(15)
    expect(await web.ask('site100')).to.equal(results[99]?.revision)
  })

  it('applies a thousand changes in one batch', async () => {
    const first = await Promise.all(many.map(name => web.apply(name)))
    expect(first.length).to.equal(1000)
    const began = performance.now()
    const again = await Promise.all(
      many.map(name => web.apply(name, { files: { vhost: vhost(name, { size: '2m' }) } })),
    )
    const took = performance.now() - began
    process.stdout.write(
      `      1,000 in ${again[0]?.batch}: ${Math.round(took)} ms ${JSON.stringify(again[0]?.timings)}\n`,
    )
    expect(revisions(again)).to.equal(1)
    expect(await web.ask('e-site249')).to.equal(again[0]?.revision)
  })

  it('adds little of its own to one change beside a thousand files', async () => {
    const times: number[] = []
    for (let index = 0; index < 7; index++) {
      const began = performance.now()
      const { timings } = await web.apply('site200', { files: { vhost: vhost('site200', { size: `${index + 1}m` }) } })
      const { check = 0, reload = 0, probe = 0 } = timings
      times.push(performance.now() - began - check - reload - probe)
      if (index === 6)
        process.stdout.write(`      one: ${Math.round(performance.now() - began)} ms ${JSON.stringify(timings)}\n`)
    }
    const median = times.sort((a, b) => a - b)[3] ?? 0
    process.stdout.write(`      outside check, reload and probe: ${median.toFixed(1)} ms\n`)
    expect(readdirSync(web.sites).filter(name => name.startsWith('.'))).to.deep.equal([])
  })
})
