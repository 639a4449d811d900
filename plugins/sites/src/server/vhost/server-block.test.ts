import type { Directive } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Runtime, Site, SiteTls } from '../../api.js'
import { derivation, grammar, parsed, readJson, rendered } from '../../testing/broker-formats.js'
import { exampleSite } from '../../testing/example-site.js'
import { messageArguments } from '../../testing/message-arguments.js'
import { defaultTree, httpTree, mainTree } from '../base/base-trees.js'
import { tlsTree } from '../base/tls-tree.js'
import { locationDirectives, siteDirectives } from '../directives/allowlist.js'
import { parsePhpSetting, phpSettings } from '../input/php-settings.js'
import { poolTree } from '../pool/pool-tree.js'
import { pemTree } from './pem-tree.js'
import { extendedTree, needsCertificate, vhostTree } from './server-block.js'

const httpsPort = 8444
const write = (site: Site) => rendered('block', 'vhost', vhostTree(site, httpsPort))
const runtimes = {
  static: { type: 'static' },
  php: { type: 'php', version: '8.2', settings: { max_execution_time: '90' }, processes: 5 },
  proxy: { type: 'proxy', target: 'http://[::1]:3000', timeout: 60 },
  'proxy to a socket': { type: 'proxy', target: 'unix:app.sock', timeout: 60 },
  redirect: { type: 'redirect', target: 'https://x.test', status: 301, keepPath: true },
  panel: { type: 'panel' },
} satisfies Record<string, Runtime>

/** What a taken-over panel or a careless form could put into any text of a site. */
const payloads = [
  'a"; root /; #',
  "a'b",
  'a}b',
  'a{b',
  'a;b',
  'a\nb',
  'a\rb',
  'a\u0000b',
  'a\u0085b',
  'a\u2028b',
  '$host',
  '${host}',
  'a\\',
  'а.test',
  '../../etc/passwd',
  '/etc/passwd',
  '-x',
  '',
  ' ',
  '#',
  'a b',
  '\u202e',
  '\ud800',
  'x'.repeat(5000),
  '*',
  '~',
  '|id',
  '`id`',
]

describe('the web server file of a site', function () {
  // Thousands of trees; other suites may share the processor.
  this.timeout(60_000)

  for (const [name, runtime] of Object.entries(runtimes))
    it(`says of a site that is ${name} what its grammar allows, and reads back as the same tree`, () => {
      const site = exampleSite({
        runtime,
        aliases: ['www.example.test', '*.example.test'],
        errorPages: { '404': '/404.html' },
      })
      const text = write(site)
      expect(text).to.match(/disable_symlinks if_not_owner "?from=\/[^;$]*\/files"?;/)
      expect(parsed('block', text)[0]?.name).to.equal('server')
      // What was derived is fixed: a second reading of the text is the text.
      expect(shape(parsed('block', text))).to.deep.equal(shape(vhostTree(site, httpsPort)))
    })

  it('is not written at all, or says exactly what was meant, whatever stands in a field', () => {
    const text = fc.oneof(fc.constantFrom(...payloads), fc.string({ unit: 'binary', maxLength: 40 }))
    const fields: Record<string, (value: string) => Partial<Site>> = {
      domain: domain => ({ domain }),
      aliases: alias => ({ aliases: [alias] }),
      documentRoot: documentRoot => ({ documentRoot }),
      index: index => ({ index: [index] }),
      errorPages: page => ({ errorPages: { '404': page } }),
      uploadLimit: uploadLimit => ({ uploadLimit }),
      redirect: target => ({ runtime: { type: 'redirect', target, status: 301, keepPath: false } }),
      proxy: target => ({ runtime: { type: 'proxy', target, timeout: 60 } }),
      php: version => ({ runtime: { type: 'php', version, settings: {}, processes: 5 } }),
    }
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(fields)), text, (field, value) => {
        const site = exampleSite(fields[field]?.(value))
        let file: string
        try {
          file = write(site)
        } catch {
          return
        }
        expect(shape(parsed('block', file))).to.deep.equal(shape(vhostTree(site, httpsPort)))
        expect(file).to.not.match(/[\p{Cc}](?<!\n)/u)
      }),
      { numRuns: 3000 },
    )
  })

  it('answers its revision to this host alone', () => {
    const location = vhostTree(exampleSite(), httpsPort)[0]?.block?.find(({ args }) => args?.[0] === '=')
    expect(location?.block?.slice(-2).map(({ name }) => name)).to.deep.equal(['if', 'return'])
  })

  it('runs nothing of a suspended site', () => {
    const text = write(exampleSite({ suspended: true, runtime: runtimes.php, directives: 'etag off;' }))
    expect(text).to.include('return 503').and.not.include('fastcgi').and.not.include('etag')
  })

  it('takes what other plugins contribute into the site, or gives plain HTTP a block of its own', () => {
    const tls: Directive[] = [{ name: 'listen', args: ['https', 'ssl'] }]
    const site = exampleSite()
    const together = rendered('block', 'vhost', extendedTree(site, [{ server: tls }], httpsPort))
    expect(together.match(/server \{/g)).to.have.length(1)
    const plain: Directive[] = [
      { name: 'location', args: ['/'], block: [{ name: 'return', args: ['301', 'https://$host$request_uri'] }] },
    ]
    const apart = parsed('block', rendered('block', 'vhost', extendedTree(site, [{ server: tls, plain }], httpsPort)))
    const listens = apart.map(({ block }) =>
      block?.filter(({ name }) => name === 'listen').map(({ args }) => args?.[0]),
    )
    expect(listens).to.deep.equal([['127.0.0.1:8080', '[::1]:8080'], ['127.0.0.1:8444']])
    for (const { block } of apart) expect(block?.some(({ args }) => args?.[0] === '=')).to.equal(true)
  })
})

describe('the web server file of a site that publishes the panel', () => {
  const site = exampleSite({ runtime: { type: 'panel' }, aliases: ['www.example.test'] })
  const blocks = (contributions: Parameters<typeof extendedTree>[1] = [], port = httpsPort) =>
    parsed('block', rendered('block', 'vhost', extendedTree(site, contributions, port)))
  const said = (block: Directive | undefined, name: string) =>
    (block?.block ?? []).filter(each => each.name === name).map(({ args = [] }) => args.join(' '))
  const inside = (block: Directive | undefined, name: string) => {
    const whole = block?.block?.find(each => each.name === 'location' && each.args?.join() === '/')
    return said(whole, name)
  }

  it('sends plain HTTP to its own port of HTTPS, and what came with another name to nobody', () => {
    const [plain, nobody, panel] = blocks()
    expect(said(plain, 'listen')).to.deep.equal(['127.0.0.1:8080', '[::1]:8080'])
    expect(inside(plain, 'return')).to.deep.equal(['308 https://$host:8444$request_uri'])
    expect(inside(blocks([], 443)[0], 'return')).to.deep.equal(['308 https://$host$request_uri'])
    // The first block of a listener is its default, so it must be this one.
    expect(said(nobody, 'listen')).to.deep.equal(['127.0.0.1:8444 ssl', '[::1]:8444 ssl'])
    expect(said(nobody, 'server_name')).to.deep.equal([`${site.tenant}.invalid`])
    expect(inside(nobody, 'return')).to.deep.equal(['404'])
    expect(said(panel, 'server_name')).to.deep.equal(['example.test www.example.test'])
  })

  it('passes to the panel’s own door, with the one address that it believes, as it comes', () => {
    const [, , panel] = blocks()
    expect(inside(panel, 'proxy_pass')).to.deep.equal(['http://unix:/h/run/front.sock'])
    expect(inside(panel, 'proxy_set_header')).to.include.members([
      'Host $host:8444',
      'X-Forwarded-For $remote_addr',
      'Upgrade $http_upgrade',
    ])
    expect(inside(blocks([], 443)[2], 'proxy_set_header')).to.include('Host $host')
    expect([inside(panel, 'proxy_buffering'), inside(panel, 'proxy_request_buffering')]).to.deep.equal([
      ['off'],
      ['off'],
    ])
  })

  it('has a certificate beside it, until another plugin brings a listener of its own', () => {
    const [, nobody, panel] = blocks()
    for (const block of [nobody, panel])
      expect([said(block, 'ssl_certificate'), said(block, 'ssl_certificate_key')]).to.deep.equal([
        [`nusantara.d/${site.tenant}.pem`],
        [`nusantara.d/${site.tenant}.pem`],
      ])
    const server: Directive[] = [
      { name: 'listen', args: ['https', 'ssl'] },
      { name: 'add_header', args: ['X-Other', 'yes'] },
    ]
    const plain: Directive[] = [{ name: 'location', args: ['/'], block: [{ name: 'return', args: ['404'] }] }]
    const [redirect, unknown, shown] = blocks([{ server, plain }])
    expect(inside(redirect, 'return')).to.deep.equal(['404'])
    for (const block of [unknown, shown]) {
      expect(said(block, 'listen')).to.deep.equal(['127.0.0.1:8444 ssl'])
      expect(said(block, 'ssl_certificate')).to.deep.equal([])
    }
    expect([said(unknown, 'add_header'), said(shown, 'add_header')]).to.deep.equal([[], ['X-Other yes']])
    expect(needsCertificate(site, [{ server, plain }])).to.equal(false)
    expect(needsCertificate(site, [{ server: server.slice(1) }])).to.equal(true)
    expect(needsCertificate(exampleSite(), [])).to.equal(false)
  })

  it('is the only one that reaches that door', () => {
    const target = (text: string) => exampleSite({ runtime: { type: 'proxy', target: text, timeout: 60 } })
    const door = 'http://unix:/h/run/front.sock'
    expect(write(target('unix:front.sock')), 'a socket of the site, of the same name').to.include(
      `proxy_pass http://unix:/h/run/tenants/${site.tenant}/front.sock;`,
    )
    for (const text of ['unix:../../front.sock', 'unix:/h/run/front.sock', door, 'http://unix:front.sock:'])
      expect(() => write(target(text)), text).to.throw()
    for (const type of ['static', 'php', 'proxy', 'proxy to a socket', 'redirect'] as const)
      expect(write(exampleSite({ runtime: runtimes[type] })), type).to.not.include(door)
    for (const text of ['proxy_pass panel;', `location /x { proxy_pass ${door}; }`])
      expect(() => write(exampleSite({ directives: text })), text).to.throw('may not stand here')
  })

  it('takes the certificate as PEM that the broker writes, whatever its line ends', () => {
    const pem = '-----BEGIN CERTIFICATE-----\r\nAAAA\r\nBBBB\r\n-----END CERTIFICATE-----\n'
    expect(pemTree(`${pem}${pem}`)).to.deep.equal([
      { name: 'CERTIFICATE', args: ['AAAABBBB'] },
      { name: 'CERTIFICATE', args: ['AAAABBBB'] },
    ])
  })
})

describe('files around the sites', () => {
  it('fit their grammars', () => {
    expect(rendered('block', 'main', mainTree())).to.include('include conf.d/*.conf;')
    expect(rendered('block', 'http', httpTree())).to.include('server_names_hash_bucket_size 512;')
    expect(rendered('block', 'default', defaultTree()).match(/default_server/g)).to.have.length(2)
    const tls = rendered('block', 'tls', tlsTree())
    expect(tls.match(/default_server/g)).to.have.length(2)
    expect(tls).to.include('ssl_reject_handshake on;').and.include('"data:$nusantara_key"')
    // No map may take another's files: what it finds of a key would end up where certificates are looked for.
    for (const kind of ['names', 'modern', 'key', 'chain0', 'chain1', 'chain2'])
      for (const variable of ['named', 'modern', 'key', 'chain0', 'chain1', 'chain2', 'tls']) {
        const include: Directive = { name: 'include', args: [`nusantara.d/*.${kind}`] }
        const map: Directive = { name: 'map', args: ['$nusantara_tls', `$nusantara_${variable}`], block: [include] }
        const fits = kind === variable || (kind === 'names' && variable === 'named')
        if (fits) expect(rendered('block', 'tls', [map])).to.include(kind)
        else expect(() => rendered('block', 'tls', [map]), `${kind} in ${variable}`).to.throw()
      }
    expect(rendered('block', 'tls', [])).to.match(/^#[^\n]*\n$/)
  })

  it('names no user, path or socket that the broker does not derive', () => {
    const site = exampleSite()
    const elsewhere = derivation('/elsewhere', undefined, 'sbbbbbbbbbb')
    const tenant = 'sbbbbbbbbbb' as Site['tenant']
    const pool = rendered('ini', 'pool', poolTree(tenant, site, runtimes.php), elsewhere)
    expect(pool).to.include('listen = /elsewhere/run/services/sbbbbbbbbbb/php-8.2.sock')
    expect(() => rendered('ini', 'pool', poolTree(site.tenant, site, runtimes.php), elsewhere)).to.throw(
      'must be the tenant of the change',
    )
  })

  it('lets a pool set every setting of the allowlist', () => {
    const settings = Object.fromEntries(phpSettings.map(({ name, default: value }) => [name, value || '8m']))
    const site = exampleSite()
    const text = rendered('ini', 'pool', poolTree(site.tenant, site, { ...runtimes.php, settings }))
    for (const { name } of phpSettings) expect(text).to.include(`[${name}] = `)
  })

  it('lets a site have the least and the most of everything that it may choose', () => {
    for (const end of ['min', 'max'] as const) {
      const limits = phpSettings.flatMap(({ name, kind, [end]: limit }) =>
        limit === undefined ? [] : [[name, parsePhpSetting(name, kind === 'size' ? `${limit / 1024}k` : limit)]],
      )
      const runtime = { ...runtimes.php, settings: Object.fromEntries(limits), processes: end === 'min' ? 1 : 100 }
      const site = exampleSite({ runtime, uploadLimit: end === 'min' ? '1' : '100g' })
      expect(write(site)).to.include('fastcgi_pass')
      expect(rendered('ini', 'pool', poolTree(site.tenant, site, runtime))).to.include('[max_execution_time]')
    }
    for (const timeout of [1, 86_400])
      expect(write(exampleSite({ runtime: { ...runtimes.proxy, timeout } }))).to.include(
        `proxy_read_timeout ${timeout}s`,
      )
  })

  it('knows every custom directive in the grammar too', () => {
    const { contexts } = grammar('vhost')
    expect(Object.keys(contexts.server ?? {})).to.include.members(Object.keys(siteDirectives))
    expect(Object.keys(contexts.location ?? {})).to.include.members(Object.keys(locationDirectives))
  })

  it('say everything in both languages', () => {
    const en = readJson('locales/en.json') as Record<string, string>
    const id = readJson('locales/id.json') as Record<string, string>
    expect(Object.keys(id)).to.deep.equal(Object.keys(en))
    const nested = "it''s {count, plural, one {one} other {# of {total}}} '{quoted}' {name}"
    expect([...messageArguments(nested)]).to.deep.equal(['count', 'total', 'name'])
    for (const [key, text] of Object.entries(en))
      expect(messageArguments(id[key] ?? ''), key).to.deep.equal(messageArguments(text))
  })
})

interface Shape {
  readonly name: string
  readonly args: number
  readonly block?: readonly Shape[]
}

/** Names, counts and nesting: what an injected directive would change. */
function shape(tree: readonly Directive[]): readonly Shape[] {
  return tree.map(({ name, args = [], block }) => ({ name, args: args.length, ...(block && { block: shape(block) }) }))
}

describe('the web server file of a site with a certificate', () => {
  const tls: SiteTls = {
    chain: [],
    key: 'k',
    names: ['example.test'],
    modern: false,
    redirect: true,
    headers: [['Strict-Transport-Security', 'max-age=300']],
  }
  const challenge: Directive[] = [{ name: 'location', args: ['^~', '/x/'], block: [{ name: 'return', args: ['404'] }] }]
  const blocks = (site: Site, more: Partial<SiteTls> = {}) =>
    parsed(
      'block',
      rendered('block', 'vhost', extendedTree(site, [{ everywhere: challenge, tls: { ...tls, ...more } }], httpsPort)),
    )
  const namesOf = (block: Directive | undefined) => block?.block?.find(({ name }) => name === 'server_name')?.args
  const listensOf = (block: Directive | undefined) =>
    (block?.block ?? []).filter(({ name }) => name === 'listen').map(({ args = [] }) => args.join(' '))
  const has = (block: Directive | undefined, name: string) => block?.block?.some(each => each.name === name) ?? false

  it('leads the names that are covered to HTTPS, and leaves the others where they answer', () => {
    const site = exampleSite({ aliases: ['www.example.test'] })
    const [led, left, secure, ...more] = blocks(site)
    expect(more).to.deep.equal([])
    expect([namesOf(led), namesOf(left), namesOf(secure)]).to.deep.equal([
      ['example.test'],
      ['www.example.test'],
      ['example.test'],
    ])
    expect(JSON.stringify(led)).to.include('308')
    expect(JSON.stringify(left)).to.include('try_files').and.not.include('308')
    expect(listensOf(secure)).to.deep.equal(['127.0.0.1:8444 ssl', '[::1]:8444 ssl'])
    expect(listensOf(left)).to.deep.equal(['127.0.0.1:8080', '[::1]:8080'])
    for (const block of [led, left, secure]) expect(JSON.stringify(block)).to.include('"/x/"')
    expect([has(led, 'add_header'), has(left, 'add_header'), has(secure, 'add_header')]).to.deep.equal([
      false,
      false,
      true,
    ])
  })

  it('answers all of them over plain HTTP, too, where nobody wants them led', () => {
    const [plain, secure, ...more] = blocks(exampleSite(), { redirect: false })
    expect(more).to.deep.equal([])
    expect(JSON.stringify(plain)).to.include('try_files')
    expect(has(plain, 'add_header')).to.equal(false)
    expect(has(secure, 'add_header')).to.equal(true)
  })

  it('sends its headers also from places that have headers of their own', () => {
    const directives = 'location /a { add_header X-A 1; }\nlocation /b { etag off; }'
    const [, secure] = blocks(exampleSite({ directives }), {})
    const inside = (path: string) =>
      secure?.block
        ?.find(({ name, args }) => name === 'location' && args?.[0] === path)
        ?.block?.map(({ args }) => args?.[0])
    expect(inside('/a')).to.deep.equal(['Strict-Transport-Security', 'X-A'])
    expect(inside('/b')).to.deep.equal(['off'])
  })

  it('has no block for HTTPS when the certificate is for none of its names', () => {
    expect(blocks(exampleSite(), { names: [] })).to.have.length(1)
  })

  it('leads every name of the panel to HTTPS, where it brings no certificate of its own', () => {
    const site = exampleSite({ runtime: { type: 'panel' }, aliases: ['www.example.test'] })
    const [led, secure, ...more] = blocks(site, { redirect: false })
    expect(more).to.deep.equal([])
    expect(namesOf(led)).to.deep.equal(['example.test', 'www.example.test'])
    expect(has(secure, 'ssl_certificate')).to.equal(false)
    expect(needsCertificate(site, [{ tls }])).to.equal(false)
  })
})
