import type { ArgumentRule, Grammar } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import { Violation } from '../schema.js'
import type { Derivation } from './derivation.js'
import { FormatError } from './format.js'
import { formats } from './formats.js'
import { parseGrammar } from './grammar.js'
import { checkTree } from './grammar-check.js'

const derivation: Derivation = {
  roots: { etc: '/h/etc', run: '/h/run', log: '/h/log', state: '/h/state', www: '/h/www' },
  tenant: {
    id: 'sabcdefghij',
    paths: {
      home: '/h/www/s',
      root: '/h/www/s/files',
      tmp: '/h/www/s/tmp',
      log: '/h/log/sites/s',
      run: '/h/run/t/s',
      app: '/h/run/a/s',
    },
  },
  listeners: { http: '0.0.0.0:8080', https: '0.0.0.0:8444', http6: '[::]:8080', https6: '[::]:8444' },
  userName: of => `${of}-user`,
  groupName: of => `${of}-group`,
  key: () => undefined,
  versions: key => (key === 'php' ? ['8.2'] : []),
}

const one = (rule: ArgumentRule): Grammar =>
  parseGrammar({ top: 'main', contexts: { main: { d: { args: [rule], repeat: true } } } })
const derived = (rule: ArgumentRule, value: unknown) =>
  checkTree([{ name: 'd', args: [value] }], one(rule), derivation).tree[0]?.args[0]?.text
const refused = (rule: ArgumentRule, value: unknown) =>
  expect(() => derived(rule, value), JSON.stringify(value)).to.throw(FormatError)

const grammar = parseGrammar({
  top: 'main',
  contexts: {
    main: { server: { block: 'server', repeat: true }, map: { args: [{ type: 'enum', values: ['a'] }], block: 'map' } },
    server: {
      listen: { args: [{ type: 'listener' }], repeat: true },
      root: { args: [{ type: 'path', base: 'tenant:root' }], required: true },
      server_name: { args: [{ type: 'hostname' }], rest: { type: 'hostname', wildcard: true } },
      location: { args: [{ type: 'uri' }], block: 'server', repeat: true },
    },
    map: { '*': { nameType: { type: 'hostname' }, args: [{ type: 'port' }] } },
  },
})
const violation = (tree: unknown): FormatError => {
  try {
    checkTree(tree, grammar, derivation)
  } catch (error) {
    if (error instanceof FormatError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('grammar check', () => {
  it('derives paths, listeners, users and names', () => {
    expect(derived({ type: 'path', base: 'tenant:root' }, 'public')).to.equal('/h/www/s/files/public')
    expect(derived({ type: 'path', base: 'tenant:run', prefix: 'unix:' }, 'app.sock')).to.equal(
      'unix:/h/run/t/s/app.sock',
    )
    expect(derived({ type: 'path', base: 'etc' }, '')).to.equal('/h/etc')
    expect(derived({ type: 'listener' }, 'http6')).to.equal('[::]:8080')
    expect(derived({ type: 'user', of: 'tenant' }, '')).to.equal('tenant-user')
    expect(derived({ type: 'group', of: 'web' }, '')).to.equal('web-group')
    expect(derived({ type: 'tenant', prefix: 'zone_', suffix: '_x' }, 'sabcdefghij')).to.equal('zone_sabcdefghij_x')
    expect(derived({ type: 'enum', values: 'versions.php' }, '8.2')).to.equal('8.2')
    expect(derived({ type: 'upstream', hosts: 'loopback', unix: 'tenant:run' }, 'http://unix:app.sock')).to.equal(
      'http://unix:/h/run/t/s/app.sock',
    )
    expect(derived({ type: 'upstream', hosts: 'any', unix: 'tenant:app', panel: true }, 'panel')).to.equal(
      'http://unix:/h/run/front.sock',
    )
    expect(derived({ type: 'upstream', hosts: 'loopback' }, 'http://127.0.0.1:3000')).to.equal('http://127.0.0.1:3000')
    expect(derived({ type: 'url', variables: ['request_uri'] }, 'https://a.test$request_uri')).to.equal(
      'https://a.test$request_uri',
    )
    expect(
      checkTree([{ name: 'd', args: [{ revision: true }] }], one({ type: 'revision' }), derivation).tree[0]?.args[0]
        ?.revision,
    ).to.equal(true)
  })

  it('refuses paths that leave their base, however they are written', () => {
    for (const value of [
      '..',
      '../x',
      'a/../..',
      '/etc/passwd',
      'a//b',
      './a',
      'a/.',
      '-x',
      'a/-b',
      'a\0b',
      'a\nb',
      '$document_root',
      '/',
      'a/',
      5.5,
      null,
      {},
      ['a'],
    ])
      refused({ type: 'path', base: 'tenant:root' }, value)
    refused({ type: 'path', base: 'etc', values: ['mime.types'] }, 'shadow')
  })

  it('refuses values outside their type', () => {
    for (const value of ['x', '1.5', '01', '', ' 1', '1e3', '11', '-1', true])
      refused({ type: 'integer', min: 0, max: 10 }, value)
    for (const value of ['10x', '2g', '', '-1m', '1 m']) refused({ type: 'size', maxBytes: 1024 ** 2 }, value)
    for (const value of ['10', '2h', '5ms']) refused({ type: 'duration', maxSeconds: 3600 }, value)
    for (const value of [
      'a b',
      '-a.test',
      'a..b',
      'exämple.test',
      '*.a.test',
      '1.2.3.4',
      `${'a'.repeat(64)}.test`,
      '',
      'a;b',
      '_',
      '.',
    ].filter(value => value !== '_'))
      refused({ type: 'hostname' }, value)
    for (const value of ['a.*.test', '*', '*.', '**.a.test']) refused({ type: 'hostname', wildcard: true }, value)
    for (const value of ['1.2.3', '1.2.3.4/33', 'fe80::1%eth0', '::1/129', '1.2.3.4/8/8'])
      refused({ type: 'address', cidr: true }, value)
    refused({ type: 'address' }, '10.0.0.0/8')
    for (const value of ['0', '65536', '080', '80 ']) refused({ type: 'port' }, value)
    refused({ type: 'listener' }, 'all')
    refused({ type: 'listener' }, 'constructor')
    for (const value of ['root', 'tenant-user']) refused({ type: 'user', of: 'tenant' }, value)
    for (const value of ['szzzzzzzzzz', '', 'zone_szzzzzzzzzz']) refused({ type: 'tenant', prefix: 'zone_' }, value)
    for (const value of [
      'http://10.0.0.1:80',
      'http://127.0.0.1',
      'https://127.0.0.1:80',
      'http://127.0.0.1:80/x',
      'http://unix:x',
      'http://127.0.0.1:99999',
      'http://127.0.0.1.evil.test:80',
    ])
      refused({ type: 'upstream', hosts: 'loopback' }, value)
    for (const value of [
      'http://169.254.169.254:80',
      'http://0.0.0.0:80',
      'http://[fe80::1]:80',
      'http://[::ffff:a9fe:a9fe]:80',
      'http://[0:0:0:0:0:ffff:a9fe:a9fe]:80',
      'http://[0::ffff:169.254.169.254]:80',
      'http://[0:0:0:0:0:0:a9fe:a9fe]:80',
      'http://[0::0]:80',
      'http://[64:FF9B::a9fe:a9fe]:80',
      'http://[FE80::1]:80',
      'http://224.0.0.1:80',
      'http://2852039166:80',
      'http://0xa9fea9fe:80',
      'http://metadata.test:80',
    ])
      refused({ type: 'upstream', hosts: 'any' }, value)
    refused({ type: 'upstream', hosts: 'any', unix: 'tenant:run' }, 'panel')
    for (const value of ['http://unix:../x', 'http://unix:/abs', 'http://unix:a:b', 'http://unix:'])
      refused({ type: 'upstream', hosts: 'loopback', unix: 'tenant:run' }, value)
    for (const value of [
      'ftp://a.test',
      'https://u:p@a.test',
      '//a.test',
      'javascript:x',
      'https://a b',
      'https://a.test/$host',
      'http:///x',
    ])
      refused({ type: 'url' }, value)
    for (const value of ['x', '/a b', '/a/../b', '/$uri', '/{', '/a"b', '/a\\']) refused({ type: 'uri' }, value)
    refused({ type: 'text', maxLength: 3 }, 'abcd')
    refused({ type: 'text', maxLength: 30, pattern: '[a-z]+' }, 'ab1')
    refused({ type: 'text', maxLength: 30, pattern: 'a|b' }, 'ac')
    for (const value of ['$x', 'a\u0085b', 'a\u009bb', '\ud800']) refused({ type: 'text', maxLength: 30 }, value)
    for (const value of ['r', { revision: false }, { revision: true, x: 1 }, null]) refused({ type: 'revision' }, value)
  })

  it('says where a violation stands, what is wrong and what to do', () => {
    const server = (block: unknown[]) => [
      { name: 'server', block: [{ name: 'root', args: [''] }] },
      { name: 'server', block },
    ]
    expect(violation(server([{ name: 'root', args: ['../x'] }]))).to.include({ path: 'server[1].root' })
    expect(violation(server([{ name: 'root', args: ['../x'] }])).reason).to.match(/segment '\.\.'.*relative path/)
    expect(violation(server([])).reason).to.match(/'root' is missing/)
    expect(
      violation(
        server([
          { name: 'root', args: [''] },
          { name: 'root', args: [''] },
        ]),
      ).reason,
    ).to.match(/more than once/)
    expect(violation(server([{ name: 'include', args: ['/etc/passwd'] }])).reason).to.match(
      /may not stand here; allowed are listen, root/,
    )
    expect(violation(server([{ name: 'constructor' }])).reason).to.match(/may not stand/)
    expect(violation([{ name: 'server' }]).reason).to.match(/needs a block/)
    expect(violation(server([{ name: 'root', args: ['a', 'b'] }])).reason).to.match(/takes 1/)
    expect(violation(server([{ name: 'root', args: ['a'], block: [] }])).reason).to.match(/takes none/)
    expect(violation([{ name: 'server', block: [], extra: 1 }]).reason).to.match(/key/)
    expect(violation([{ name: 'map', args: ['a'], block: [{ name: 'a b', args: [1] }] }]).reason).to.match(/name "a b"/)
    for (const tree of [
      null,
      {},
      'x',
      [null],
      [[]],
      [{ name: 1 }],
      [{ name: 'server', args: 'x', block: [] }],
      { opaque: 'x' },
    ])
      violation(tree)
  })

  it('judges the last argument by its own rule where there is one', () => {
    const word = (pattern: string) => ({ type: 'text', maxLength: 9, pattern }) as const
    const rule = { args: [word('a+')], rest: word('b+'), last: word('c+') }
    const tries = parseGrammar({ top: 'main', contexts: { main: { d: rule } } })
    const check = (...args: string[]) => checkTree([{ name: 'd', args }], tries, derivation)
    for (const args of [['c'], ['a', 'c'], ['a', 'b', 'b', 'c']]) check(...args)
    for (const args of [['a'], ['c', 'c'], ['a', 'b'], ['a', 'c', 'c']])
      expect(() => check(...args), args.join()).to.throw(FormatError, 'does not match')
  })

  it('bounds depth', () => {
    let tree: unknown[] = [{ name: 'root', args: [''] }]
    for (let depth = 0; depth < 40; depth++)
      tree = [
        { name: 'location', args: ['/a'], block: tree },
        { name: 'root', args: [''] },
      ]
    expect(violation([{ name: 'server', block: tree }]).reason).to.match(/deeper/)
  })

  it('reports the listeners that a file names', () => {
    const block = [
      { name: 'listen', args: ['http'] },
      { name: 'listen', args: ['http6'] },
      { name: 'root', args: [''] },
    ]
    expect(checkTree([{ name: 'server', block }], grammar, derivation).listeners).to.deep.equal(['http', 'http6'])
  })

  it('never lets a value add a directive', () => {
    const loose = one({ type: 'text', maxLength: 200 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), value => {
        try {
          const { tree } = checkTree(
            [
              { name: 'd', args: [value] },
              { name: 'd', args: ['end'] },
            ],
            loose,
            derivation,
          )
          expect(formats.block.parse(formats.block.serialize(tree, ''))).to.deep.equal([
            { name: 'd', args: [value] },
            { name: 'd', args: ['end'] },
          ])
        } catch (error) {
          expect(error).to.be.instanceOf(FormatError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('grammar', () => {
  const wrong = (value: unknown, reason: RegExp) => expect(() => parseGrammar(value)).to.throw(Violation, reason)
  const main = (rules: unknown) => ({ top: 'main', contexts: { main: rules } })

  it('is refused at load when it is wrong', () => {
    wrong({ top: 'x', contexts: { main: {} } }, /lacks/)
    wrong({ top: 'main', contexts: { main: {}, idle: {} } }, /idle.*no directive/)
    wrong(main({ a: { block: 'nowhere' } }), /contexts\.main\.a\.block/)
    wrong(main({ a: { args: [{ type: 'bytes' }] } }), /args\.0\.type/)
    wrong(main({ a: { args: [{ type: 'text', maxLength: 5, pattern: '(' }] } }), /does not compile/)
    wrong(main({ a: { args: [{ type: 'path', base: 'root' }] } }), /base/)
    wrong(main({ a: { args: [{ type: 'port', optional: true }, { type: 'port' }] } }), /after an optional/)
    wrong(main({ a: { unknown: 1 } }), /not a known key/)
    wrong(main({ '*': { args: [] } }), /nameType/)
    wrong(main({ a: { nameType: { type: 'port' } } }), /only for/)
    wrong(main({ a: { args: [{ type: 'enum', values: 'php' }] } }), /versions/)
    wrong(main({ a: { args: [{ type: 'integer', min: 5, max: 1 }] } }), /greater than max/)
    wrong(main({ 'a;b': {} }), /valid name/)
    wrong(JSON.parse('{"top":"main","contexts":{"__proto__":{}}}'), /./)
  })
})
