import { expect } from 'chai'
import { judge, randomPassword } from './password-rules.js'

describe('the rules for a new password', () => {
  const by = (password: string, username = 'rani') => judge(password, { username, min: 15, max: 256 })

  it('count characters as people do', () => {
    expect(by('fourteen chars').length).to.equal(false)
    expect(by('fifteen charact').length).to.equal(true)
    expect(by('🦆'.repeat(14)).length).to.equal(false)
    expect(by('🦆'.repeat(15)).length).to.equal(true)
    expect(by('x'.repeat(257)).length).to.equal(false)
  })

  it('find the user name in any writing, but not one too short to matter', () => {
    expect(by('the boat of RANI').name).to.equal(false)
    expect(by('the boat of ＲＡＮＩ').name).to.equal(false)
    expect(by('the boat of wati').name).to.equal(true)
    expect(by('a boat', 'a').name).to.equal(true)
    expect(by('').name, 'nothing typed yet').to.equal(false)
  })

  it('are met by what is made', () => {
    const made = new Set(Array.from({ length: 100 }, randomPassword))
    expect(made.size).to.equal(100)
    for (const password of made) {
      expect(password).to.match(/^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/)
      expect(by(password)).to.deep.equal({ length: true, name: true })
    }
  })
})
