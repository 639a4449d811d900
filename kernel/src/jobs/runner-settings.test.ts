import 'reflect-metadata'
import { expect } from 'chai'
import { RunnerSettings } from './runner-settings.js'

describe('the delay before another try', () => {
  const delays = (random: number) => {
    const settings = Object.assign(new RunnerSettings(), { random: () => random })
    return [1, 2, 3, 4, 20].map(failures => settings.backoff(failures))
  }

  it('doubles up to a minute, with jitter over its upper half', () => {
    expect(delays(1)).to.deep.equal([1000, 2000, 4000, 8000, 60_000])
    expect(delays(0)).to.deep.equal([500, 1000, 2000, 4000, 30_000])
  })
})
