import { expect } from 'chai'
import { matching, rank } from './matching.js'

describe('what answers in the palette', () => {
  const find = (typed: string, ...texts: string[]) => matching(texts, typed, text => text)

  it('has every word that was typed, in any order, case and accent', () => {
    expect(find('new site', 'Sites', 'Create a new site', 'Site news')).to.deep.equal([
      'Create a new site',
      'Site news',
    ])
    expect(find('CAFE', 'Café')).to.deep.equal(['Café'])
    expect(rank('Jobs', 'sites')).to.equal(undefined)
  })

  it('comes first when it begins so, then when a word of it does', () => {
    expect(find('lo', 'Catalogue', 'Sign in: log', 'Logs')).to.deep.equal(['Logs', 'Sign in: log', 'Catalogue'])
  })

  it('is everything, in its order, while nothing is typed', () => {
    expect(find('  ', 'b', 'a')).to.deep.equal(['b', 'a'])
  })
})
