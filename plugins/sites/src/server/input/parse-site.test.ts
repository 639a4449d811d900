import { type FieldProblem, Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import type { SiteSpec } from '../../api.js'
import { parseSite } from './parse-site.js'
import type { SiteFields } from './site-input.js'
import type { SiteRules } from './site-rules.js'

type Input = SiteFields & { readonly domain?: string; readonly directives?: string }

const rules: SiteRules = {
  panelHosts: ['panel.test'],
  ports: { http: 8080, https: 8444 },
  ownPorts: [8443, 8080, 8444],
  php: ['8.4', '8.2'],
  anyUpstream: false,
  proxyPorts: [{ from: 3000, to: 3999 }],
  panel: false,
  directives: false,
}

const parse = (input: Input, more: Partial<SiteRules> = {}, before?: SiteSpec) =>
  parseSite({ domain: 'example.test', ...input }, { ...rules, ...more }, before)

function refused(input: Input, more: Partial<SiteRules> = {}): Record<string, string> {
  try {
    parse(input, more)
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid_input')
      return Object.fromEntries(error.fields.map((field: FieldProblem) => [field.path, field.code]))
    throw error
  }
  return {}
}

describe('parseSite', () => {
  it('fills in what is left out', () => {
    expect(parse({ runtime: 'static' })).to.deep.equal({
      domain: 'example.test',
      aliases: [],
      runtime: { type: 'static' },
      documentRoot: 'public',
      index: ['index.html', 'index.htm'],
      errorPages: {},
      uploadLimit: '16m',
      directives: '',
      suspended: false,
    })
    expect(parse({ runtime: 'php' }).runtime).to.deep.equal({ type: 'php', version: '8.4', settings: {}, processes: 5 })
    expect(parse({ runtime: 'php' }).index).to.deep.equal(['index.php', 'index.html'])
  })

  it('names every bad field at once', () => {
    const input: Input = {
      domain: 'a b.test',
      aliases: ['ok.test', 'ok.test', '*.x.test', '*.y.test', '-a.test'],
      runtime: { type: 'php', version: '5.6', settings: { memory_limit: 'lots', auto_prepend_file: '/etc/passwd' } },
      documentRoot: '../x',
      index: ['index.html', 'a b'],
      errorPages: { '200': '/x', '404': 'x' },
      uploadLimit: '1t',
      directives: 'root /;',
    }
    expect(refused(input)).to.deep.equal({
      domain: 'sites.domain_character',
      'aliases.1': 'sites.domain_twice',
      'aliases.3': 'sites.domain_wildcard_several',
      'aliases.4': 'sites.domain_hyphen',
      'runtime.version': 'sites.runtime_version',
      'runtime.settings.memory_limit': 'sites.setting_value',
      'runtime.settings.auto_prepend_file': 'sites.setting_unknown',
      documentRoot: 'sites.path_form',
      'index.1': 'sites.index_form',
      'errorPages.200': 'sites.error_status',
      'errorPages.404': 'sites.error_page',
      uploadLimit: 'sites.size_form',
      directives: 'sites.directives_permission',
    })
  })

  it('publishes the panel for administrators alone, and under its own names only the panel', () => {
    const input = { domain: 'panel.test', aliases: ['www.panel.test'], runtime: 'panel' } as const
    expect(parse(input, { panel: true })).to.deep.include({ domain: 'panel.test', runtime: { type: 'panel' } })
    expect(refused(input)).to.deep.equal({ 'runtime.type': 'sites.runtime_panel' })
    expect(refused({ ...input, runtime: 'static' })).to.deep.equal({ domain: 'sites.domain_panel' })
    expect(refused({ ...input, aliases: ['*.panel.test'] }, { panel: true })).to.deep.equal({
      'aliases.0': 'sites.domain_wildcard_panel',
    })
  })

  it('judges the names that stay when a site becomes the panel, or ceases to be it', () => {
    const change = (before: SiteSpec, runtime: 'panel' | 'static') => () =>
      parseSite({ runtime }, { ...rules, panel: true }, before)
    const panel = parse({ domain: 'other.test', aliases: ['panel.test'], runtime: 'panel' }, { panel: true })
    expect(change(panel, 'static')).to.throw('invalid_input')
    expect(parseSite({ uploadLimit: '1m' }, rules, panel).aliases).to.deep.equal(['panel.test'])
    const wild = parse({ domain: 'other.test', aliases: ['*.other.test'], runtime: 'static' })
    expect(change(wild, 'panel')).to.throw('invalid_input')
    expect(change({ ...wild, aliases: ['www.other.test'] }, 'panel')()).to.deep.include({
      aliases: ['www.other.test'],
      runtime: { type: 'panel' },
    })
  })

  const target = (value: string, more: Partial<SiteRules> = {}) =>
    refused({ runtime: { type: 'proxy', target: value } }, more)['runtime.target']

  it('proxies to sockets of the site and to ports that are granted, elsewhere only for administrators', () => {
    const accepted = (value: string, more: Partial<SiteRules> = {}) =>
      parse({ runtime: { type: 'proxy', target: value } }, more).runtime
    expect(accepted('http://localhost:3000')).to.include({ target: 'http://127.0.0.1:3000' })
    expect(accepted('http://[::1]:3000/')).to.include({ target: 'http://[::1]:3000' })
    expect(accepted('unix:app.sock')).to.include({ target: 'unix:app.sock' })
    expect(accepted('http://10.0.0.5:8000', { anyUpstream: true })).to.include({ target: 'http://10.0.0.5:8000' })
    expect(accepted('http://127.0.0.1:5432', { anyUpstream: true })).to.include({ target: 'http://127.0.0.1:5432' })
    expect(accepted('http://[0:0:0:0:0:0:0:1]:3000')).to.include({ target: 'http://[::1]:3000' })
    for (const address of ['127.0.0.1', '127.9.9.9', 'localhost', '[::1]', '[0::1]'])
      for (const port of [2999, 4000, 5432, 6379])
        expect(target(`http://${address}:${port}`), address).to.equal('sites.upstream_not_granted')
    expect(target('http://127.0.0.1:3000', { proxyPorts: [] })).to.equal('sites.upstream_not_granted')
    const own = { proxyPorts: [{ from: 1024, to: 65_535 }] }
    for (const address of ['127.0.0.1', '127.9.9.9', '[::1]', '[0:0::1]'])
      expect(target(`http://${address}:8443`, own), address).to.equal('sites.upstream_port')
    expect(target('http://[0:0:0:0:0:ffff:7f00:1]:3000', { anyUpstream: true })).to.equal('sites.upstream_address')
    expect(target('http://10.0.0.5:8000')).to.equal('sites.upstream_host')
    expect(target('http://169.254.169.254:8000', { anyUpstream: true })).to.equal('sites.upstream_address')
    expect(target('http://app.example:3000', { anyUpstream: true })).to.equal('sites.upstream_name')
    expect(target('http://127.0.0.1:80')).to.equal('sites.upstream_port')
    expect(target('http://127.0.0.1:8080')).to.equal('sites.upstream_port')
    for (const value of [
      'http://127.0.0.1:3000/x',
      'https://127.0.0.1:3000',
      'http://u@127.0.0.1:3000',
      'x',
      'panel',
      '',
      'http://127.0.0.1:3000;',
    ])
      expect(target(value), value).to.equal('sites.upstream_form')
    for (const value of ['unix:../x', 'unix:/run/x.sock', 'unix:', 'unix:-x', 'unix:a b', 'unix:a;b', 'unix:a\n'])
      expect(target(value), value).to.equal('sites.upstream_socket')
  })

  it('redirects to plain absolute URLs that do not come back', () => {
    const redirect = (value: string, more = {}) => ({ runtime: { type: 'redirect' as const, target: value, ...more } })
    expect(parse(redirect('https://Bücher.example/')).runtime).to.deep.equal({
      type: 'redirect',
      target: 'https://xn--bcher-kva.example',
      status: 301,
      keepPath: true,
    })
    expect(parse(redirect('https://x.test/a?b=1', { keepPath: false, status: 308 })).runtime).to.include({
      target: 'https://x.test/a?b=1',
      status: 308,
    })
    const code = (value: string, more = {}) => refused(redirect(value, more))['runtime.target']
    expect(code('https://x.test/?a=1')).to.equal('sites.redirect_query')
    expect(code('http://example.test')).to.equal('sites.redirect_loop')
    for (const bad of [
      'x.test',
      '//x.test',
      'javascript:alert(1)',
      'https://u:p@x.test',
      'https://x.test/$host',
      'https://x.test/"',
      'https://x.test/;a{b}',
      'https://x.test\\@y.test',
      'ftp://x.test',
      'https://',
      'https://x.test/\r\nA: b',
    ])
      expect(code(bad), bad).to.equal('sites.redirect_url')
  })

  it('lets a site keep the target that it has, whoever changes something else, and nothing besides', () => {
    const before = parse({ runtime: { type: 'proxy', target: 'http://127.0.0.1:5000' } }, { anyUpstream: true })
    const patch = (target: string, more: Partial<SiteRules> = {}) =>
      parseSite({ runtime: { type: 'proxy', target, timeout: 9 } }, { ...rules, ...more }, before).runtime
    expect(patch('http://localhost:5000')).to.include({ target: 'http://127.0.0.1:5000', timeout: 9 })
    expect(() => patch('http://127.0.0.1:5001')).to.throw(Problem)
    // What has become a port of the panel since is no application any more.
    expect(() => patch('http://127.0.0.1:5000', { ownPorts: [5000] })).to.throw(Problem)
  })

  it('keeps what is left out of a runtime that the site has already', () => {
    const php = { type: 'php' as const, version: '8.2', settings: { memory_limit: '64m' }, processes: 9 }
    const before = parse({ runtime: php })
    expect(parseSite({ runtime: { type: 'php', processes: 3 } }, rules, before).runtime).to.deep.equal({
      ...php,
      processes: 3,
    })
    expect(parseSite({ runtime: 'php' }, rules, before).runtime).to.deep.equal(php)
    expect(parseSite({ runtime: 'php' }, rules, parse({ runtime: 'static' })).runtime).to.include({ version: '8.4' })
  })

  it('refuses a redirect to the site itself, by any of its names, at any path, and when it takes the name later', () => {
    const code = (input: Input, before?: SiteSpec) => {
      try {
        parseSite({ ...(before ? {} : { domain: 'example.test' }), ...input }, rules, before)
      } catch (error) {
        if (error instanceof Problem) return error.fields[0]?.code
        throw error
      }
      return 'accepted'
    }
    const to = (target: string, keepPath = true) => ({ type: 'redirect' as const, target, keepPath })
    for (const target of ['http://example.test/x', 'http://EXAMPLE.test:8080', 'http://example.test./']) {
      expect(code({ runtime: to(target) }), target).to.equal('sites.redirect_loop')
      expect(code({ runtime: to(target, false) }), target).to.equal('sites.redirect_loop')
    }
    expect(code({ aliases: ['*.example.test'], runtime: to('http://a.b.example.test') })).to.equal(
      'sites.redirect_loop',
    )
    expect(code({ runtime: to('https://example.test') })).to.equal('accepted')
    expect(code({ runtime: to('http://example.test:9999') })).to.equal('accepted')
    const before = parse({ runtime: to('http://next.test/') })
    expect(code({ domain: 'next.test' }, before)).to.equal('sites.redirect_loop')
    expect(code({ aliases: ['*.next.test'] }, before)).to.equal('accepted')
  })

  it('changes only what a patch names, and index files with a runtime nobody chose them for', () => {
    const before = parse({ runtime: 'static', aliases: ['www.example.test'], uploadLimit: '1G' })
    const after = parseSite({ runtime: 'php' }, rules, before)
    expect(after).to.deep.include({
      aliases: ['www.example.test'],
      uploadLimit: '1g',
      index: ['index.php', 'index.html'],
    })
    expect(parseSite({ domain: 'www.example.test' }, rules, before).aliases).to.deep.equal([])
  })

  it('keeps directives of an administrator when somebody else changes another field', () => {
    const before = parseSite(
      { domain: 'a.test', runtime: 'static', directives: 'etag off;' },
      { ...rules, directives: true },
    )
    expect(parseSite({ uploadLimit: '1m' }, rules, before).directives).to.equal('etag off;')
  })
})
