import { expect } from 'chai'
import { readJson } from '../../testing/broker-formats.js'
import { refusals } from './refusals.js'

describe('refusals', () => {
  it('have a text in each catalogue', () => {
    for (const language of ['en', 'id']) {
      const catalogue = readJson(`locales/${language}.json`) as Record<string, string>
      for (const code of Object.keys(refusals)) expect(catalogue, language).to.have.property(`field.sites.${code}`)
    }
  })
})
