import { expect } from 'chai'
import { readJson } from '../../testing/broker-formats.js'
import { expectations, Refusal, refusals, syntaxFaults } from './refusals.js'

describe('refusals', () => {
  for (const language of ['en', 'id']) {
    const catalogue = readJson(`locales/${language}.json`) as Record<string, string>

    it(`have a text in each catalogue: ${language}`, () => {
      for (const code of Object.keys(refusals)) expect(catalogue, language).to.have.property(`field.sites.${code}`)
    })

    it(`say in the reader's language what was expected: ${language}`, () => {
      const texts = ['directives_argument', 'setting_value'].map(code => catalogue[`field.sites.${code}`]).join(' ')
      for (const key of Object.keys(expectations)) expect(texts, key).to.match(new RegExp(`[, ]${key} \\{`))
      const syntax = catalogue['field.sites.directives_syntax']
      for (const key of Object.keys(syntaxFaults)) expect(syntax, key).to.match(new RegExp(`[, ]${key} \\{`))
    })
  }

  it('are told in English where there is no catalogue', () => {
    const told = new Refusal('setting_value', { name: 'a', value: 'b', expected: 'integer', min: 1, max: 9 }).message
    expect(told).to.equal("PHP setting 'a' cannot be 'b'; it takes a whole number from 1 to 9")
    const list = new Refusal('setting_value', { name: 'a', value: 'b', expected: 'on, off' }).message
    expect(list).to.equal("PHP setting 'a' cannot be 'b'; it takes on, off")
  })
})
