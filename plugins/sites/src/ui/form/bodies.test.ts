import { expect } from 'chai'
import type { PhpRuntime, Runtimes, Site } from '../../api.js'
import { siteUrl } from '../texts.js'
import { domainsBody, newSiteBody, phpBody, runtimeBody, same, savedPhp, savedRuntime } from './bodies.js'

const runtimes = {
  php: ['8.2'],
  phpSettings: [],
  redirectStatuses: [301, 302, 307, 308],
  proxy: { anyTarget: true, ports: '' },
  panel: true,
  ports: { http: 8080, https: 8444 },
  defaults: { documentRoot: 'public', index: ['index.html'], uploadLimit: '16m' },
} satisfies Runtimes

const php: PhpRuntime = { type: 'php', version: '8.2', settings: { memory_limit: '256m' }, processes: 4 }
const site = {
  runtime: php,
  documentRoot: 'public',
  index: ['index.php'],
  uploadLimit: '16m',
} as unknown as Site

describe('the body of a site', () => {
  it('of a new one leaves out what is the default', () => {
    const values = { domain: 'a.test', runtime: { type: 'static' }, documentRoot: 'public', uploadLimit: '16m' }
    expect(newSiteBody(values, runtimes)).to.deep.equal({ domain: 'a.test', runtime: { type: 'static' } })
  })

  it('splits names and makes numbers', () => {
    const values = {
      domain: 'a.test',
      aliases: 'www.a.test, b.test;c.test',
      runtime: { type: 'redirect', target: 'https://b.test/', status: '308' },
    }
    expect(newSiteBody(values, runtimes)).to.deep.equal({
      domain: 'a.test',
      aliases: ['www.a.test', 'b.test', 'c.test'],
      runtime: { type: 'redirect', target: 'https://b.test/', status: 308 },
    })
  })

  it('can take all further names away', () => {
    expect(domainsBody({ domain: 'a.test' })).to.deep.equal({ domain: 'a.test', aliases: [] })
  })

  it('of another PHP version keeps its settings; of another runtime it has none', () => {
    expect(runtimeBody({ runtime: { type: 'php', version: '8.3' } }, site)).to.deep.equal({
      runtime: { ...php, version: '8.3' },
    })
    expect(runtimeBody({ runtime: { type: 'static' } }, site)).to.deep.equal({ runtime: { type: 'static' } })
  })

  it('as it is saved is the same as an untouched form', () => {
    const typed = {
      runtime: { version: '8.2', type: 'php' },
      documentRoot: 'public',
      index: 'index.php',
      uploadLimit: '16m',
    }
    expect(same(runtimeBody(typed, site), savedRuntime(site))).to.equal(true)
    expect(same(runtimeBody({ ...typed, uploadLimit: '1g' }, site), savedRuntime(site))).to.equal(false)
    const settings = { memory_limit: '256m' }
    expect(same(phpBody({ runtime: { processes: 4, settings } }, php), savedPhp(php))).to.equal(true)
  })

  it('names a PHP setting with dots as PHP does', () => {
    const settings = { memory_limit: '1g', opcache: { enable: 'off' } }
    expect(phpBody({ runtime: { processes: 9, settings } }, php)).to.deep.equal({
      runtime: { type: 'php', version: '8.2', processes: 9, settings: { memory_limit: '1g', 'opcache.enable': 'off' } },
    })
  })

  it('has a link with the port only where it is needed', () => {
    const [usual, others] = [
      { http: 80, https: 443 },
      { http: 8080, https: 8444 },
    ]
    expect(siteUrl('a.test', 'static', usual)).to.equal('http://a.test/')
    expect(siteUrl('a.test', 'static', others)).to.equal('http://a.test:8080/')
    expect(siteUrl('a.test', 'panel', usual)).to.equal('https://a.test/')
    expect(siteUrl('a.test', 'panel', others)).to.equal('https://a.test:8444/')
  })
})
