import 'reflect-metadata'
import { expect } from 'chai'
import { describeState } from '../testing/state.js'
import { Throttle } from './throttle.js'

describeState('throttle of several processes', stores => {
  const attempt = { kind: 'password', subject: 'wati', address: '192.0.2.7', known: false } as const
  const refused = (run: Promise<void>) =>
    run.then(
      () => false,
      (error: { code?: string }) => error.code === 'too_many_attempts',
    )

  it('counts what any of them saw, and forgets what was right', async () => {
    const one = new Throttle(await stores.open())
    // An embedded store has one process.
    const other = stores.dialect === 'postgres' ? new Throttle(await stores.reopen()) : one
    for (let n = 0; n < 5; n++) expect(await refused((n % 2 ? one : other).enter(attempt))).to.equal(false)
    expect(await refused(other.enter(attempt))).to.equal(true)
    expect(await refused(one.enter(attempt))).to.equal(true)
    expect(await refused(one.enter({ ...attempt, known: true }))).to.equal(false)
    const right = { ...attempt, subject: 'budi' }
    for (let n = 0; n < 12; n++) {
      expect(await refused((n % 2 ? one : other).enter(right))).to.equal(false)
      await (n % 2 ? one : other).succeeded(right)
    }
  })
})
