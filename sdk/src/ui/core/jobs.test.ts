import { expect } from 'chai'
import { playPanel, until } from '../testing/fixture.js'
import { followJob, type JobLine } from './jobs.js'

const job = { id: 'j1', type: 'demo.copy', state: 'running', createdAt: '2026-03-01T10:00:00.000Z' }
const lines = (from: number, to: number): JobLine[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    seq: from + index,
    at: '',
    step: 'copy',
    line: `${from + index}`,
  }))
const numbers = (from: number, to: number) => lines(from, to).map(({ seq }) => seq)

describe('following a job', () => {
  let panel: ReturnType<typeof playPanel>
  afterEach(() => panel.restore())
  const after = (path: string) => Number(new URL(path, location.origin).searchParams.get('after') ?? 0)

  it('reads the whole log, however many pages it has', async () => {
    panel = playPanel(({ path }) => {
      if (!path.includes('/log')) return { body: { ...job, state: 'succeeded' } }
      const from = after(path) + 1
      return { body: { items: lines(from, Math.min(from + 999, 2_500)) } }
    })
    const seen: number[] = []
    await followJob('j1', { job: () => {}, lines: fresh => seen.push(...fresh.map(({ seq }) => seq)) })
    expect(seen).to.deep.equal(numbers(1, 2_500))
  })

  it('gives live lines after the older ones, which are still on their way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const abort = new AbortController()
    let asked = false
    panel = playPanel(async ({ path }) => {
      if (!path.includes('/log')) return { body: job }
      if (after(path) > 0) return { body: { items: [] } }
      asked = true
      await promise
      return { body: { items: lines(1, 3) } }
    })
    const seen: number[] = []
    const following = followJob(
      'j2',
      { job: () => {}, lines: fresh => seen.push(...fresh.map(({ seq }) => seq)) },
      abort.signal,
    ).catch(() => {})
    await until('the request', () => asked)
    const elsewhere = new BroadcastChannel('nusa-live')
    elsewhere.postMessage({ kind: 'event', topic: 'job:j2', data: { kind: 'log', lines: lines(3, 5) }, id: '1' })
    await new Promise(done => setTimeout(done, 50))
    expect(seen).to.deep.equal([])
    resolve()
    await until('the lines', () => seen.length >= 5)
    expect(seen).to.deep.equal(numbers(1, 5))
    elsewhere.close()
    abort.abort()
    await following
  })
})
