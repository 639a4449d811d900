import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { keepWatchdog } from './watchdog.js'

describe('the watchdog', () => {
  const beats = () => {
    const heard: number[] = []
    const notify = async (state: string) => {
      expect(state).to.equal('WATCHDOG=1')
      heard.push(performance.now())
    }
    return { heard, notify }
  }

  it('is told twice in the time it allows, and not while the event loop hangs', async () => {
    const { heard, notify } = beats()
    const stop = keepWatchdog({ WATCHDOG_USEC: '100000', WATCHDOG_PID: String(process.pid) }, notify)
    await delay(180)
    const before = heard.length
    expect(before).to.be.within(1, 3)
    const hung = performance.now()
    while (performance.now() - hung < 150);
    expect(heard.length).to.equal(before)
    stop()
    await delay(120)
    expect(heard.length).to.equal(before)
  })

  it('is told nothing where nobody watches, or where another process is watched', async () => {
    const { heard, notify } = beats()
    keepWatchdog({}, notify)
    keepWatchdog({ WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }, notify)
    await delay(60)
    expect(heard).to.deep.equal([])
  })

  it('has at most one word to it under way', async () => {
    let told = 0
    const stop = keepWatchdog({ WATCHDOG_USEC: '20000' }, () => {
      told++
      return new Promise(() => {})
    })
    await delay(100)
    stop()
    expect(told).to.equal(1)
  })
})
