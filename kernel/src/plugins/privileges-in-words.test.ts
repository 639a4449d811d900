import { expect } from 'chai'
import { inWords } from './privileges-in-words.js'

describe('privileges in words', () => {
  it('name every package that may be installed, with its parameter, as a high risk', () => {
    const words = inWords({
      params: { level: { enum: ['1', '2'] } },
      packages: { tool: { names: ['tool', ['tool', { param: 'level' }, '-run']] } },
    })
    expect(words).to.deep.equal([
      { key: 'packages.tool', code: 'privilege.packages', params: { names: 'tool, tool<level>-run' }, risk: 'high' },
    ])
  })
})
