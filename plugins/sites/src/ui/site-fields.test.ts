import { expect } from 'chai'
import type { Runtimes, Site } from '../api.js'
import { bodyOf } from './site-fields.js'
import { siteUrl } from './texts.js'

const runtimes = {
  php: ['8.2'],
  phpSettings: [],
  redirectStatuses: [301, 302, 307, 308],
  ports: { http: 8080, https: 8444 },
  defaults: { documentRoot: 'public', index: ['index.html'], uploadLimit: '16m' },
} satisfies Runtimes

describe('the body of a site', () => {
  it('of a new one leaves out what is the default', () => {
    const values = {
      domain: 'a.test',
      runtime: { type: 'static' },
      documentRoot: 'public',
      index: 'index.html',
      uploadLimit: '16m',
    }
    expect(bodyOf(values, runtimes)).to.deep.equal({ domain: 'a.test', runtime: { type: 'static' } })
  })

  it('splits names and makes numbers', () => {
    const values = {
      domain: 'a.test',
      aliases: 'www.a.test, b.test;c.test',
      runtime: { type: 'redirect', target: 'https://b.test/', status: '308' },
    }
    expect(bodyOf(values, runtimes)).to.deep.equal({
      domain: 'a.test',
      aliases: ['www.a.test', 'b.test', 'c.test'],
      runtime: { type: 'redirect', target: 'https://b.test/', status: 308 },
    })
  })

  it('of a change keeps what the form does not show, and can take all aliases away', () => {
    const site = {
      runtime: { type: 'php', version: '8.2', settings: { memory_limit: '256M' }, processes: 4 },
    } as unknown as Site
    expect(bodyOf({ runtime: { type: 'php', version: '8.3' } }, runtimes, site)).to.deep.equal({
      aliases: [],
      runtime: { type: 'php', version: '8.3', settings: { memory_limit: '256M' }, processes: 4 },
    })
  })

  it('has a link with the port only where it is needed', () => {
    expect(siteUrl('a.test', 80)).to.equal('http://a.test/')
    expect(siteUrl('a.test', 8080)).to.equal('http://a.test:8080/')
  })
})
