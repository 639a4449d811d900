import { expect } from 'chai'
import fc from 'fast-check'
import { type DnsProviderConfig, dnsProviderSchema, secretsOf } from './config.js'
import { parseAddresses, parseEndpoint, showEndpoint } from './endpoint.js'
import { retryAfter } from './remote.js'
import { webhookUrl } from './webhook-url.js'

const validate = (value: unknown) => dnsProviderSchema.validate(value, { abortEarly: false, convert: false })
const problems = (value: unknown) => validate(value).error?.details.map(({ path, type }) => `${path.join('.')} ${type}`)
const tsig = { name: 'panel', algorithm: 'hmac-sha256', secret: Buffer.alloc(32).toString('base64') }

describe('the configuration of a DNS provider', () => {
  const good: readonly object[] = [
    { type: 'rfc2136', server: '192.0.2.1' },
    { type: 'rfc2136', server: '[2001:db8::1]:5353', zone: 'Example.test.', tsig },
    { type: 'rfc2136', server: 'ns.example.test:53', tsig: { ...tsig, name: 'Panel.key.', algorithm: 'hmac-sha512' } },
    { type: 'cloudflare', token: 'x'.repeat(40) },
    { type: 'cloudflare', token: 'x'.repeat(40), zoneId: 'a'.repeat(32) },
    { type: 'webhook', url: 'https://dns.example.test/hook?team=1', secret: 'x'.repeat(16) },
    { type: 'webhook', url: 'http://localhost:8053' },
    { type: 'webhook', url: 'https://dns.example.test', nameservers: ['10.0.0.53', '[2001:db8::1]:5353'] },
  ]
  for (const config of good)
    it(`takes ${JSON.stringify(config)}`, () => {
      expect(problems(config)).to.equal(undefined)
      expect(validate(config).value).to.deep.equal(config)
    })

  const bad: readonly [unknown, string][] = [
    [undefined, ' any.required'],
    ['rfc2136', ' object.base'],
    [{ server: '192.0.2.1' }, 'type any.required'],
    [{ type: 'route53' }, 'type any.only'],
    [{ type: 'rfc2136', server: '192.0.2.1', token: 'x' }, 'token object.unknown'],
    [{ type: 'rfc2136' }, 'server any.required'],
    [{ type: 'rfc2136', server: '192.0.2.1', nameservers: [] }, 'nameservers array.min'],
    [{ type: 'rfc2136', server: '192.0.2.1', nameservers: ['a b'] }, 'nameservers.0 ssl.dns_server'],
    [{ type: 'rfc2136', server: '192.0.2.1:0' }, 'server ssl.dns_server'],
    [{ type: 'rfc2136', server: '192.0.2.1', zone: 'test' }, 'zone ssl.dns_zone'],
    [{ type: 'rfc2136', server: '192.0.2.1', tsig: { ...tsig, name: 'a b' } }, 'tsig.name ssl.dns_key_name'],
    [{ type: 'rfc2136', server: '192.0.2.1', tsig: { ...tsig, algorithm: 'hmac-md5' } }, 'tsig.algorithm any.only'],
    [{ type: 'cloudflare' }, 'token any.required'],
    [{ type: 'cloudflare', token: 'x'.repeat(40), zoneId: '../x' }, 'zoneId ssl.dns_zone_id'],
    [{ type: 'cloudflare', token: 'x'.repeat(40), apiUrl: 'https://192.0.2.1' }, 'apiUrl any.unknown'],
    [{ type: 'webhook', url: 'http://192.0.2.1/' }, 'url ssl.dns_webhook_url'],
    [{ type: 'webhook', url: 'https://example.test', secret: 'short' }, 'secret string.min'],
    [{ type: 'webhook', url: 'https://example.test', caPem: 'x' }, 'caPem ssl.dns_ca'],
  ]
  for (const [config, expected] of bad)
    it(`refuses ${JSON.stringify(config)}`, () => expect(problems(config)).to.deep.equal([expected]))

  it('repeats no secret that it refuses', () => {
    const hidden = 'hidden secret of somebody!'
    for (const config of [
      { type: 'rfc2136', server: '192.0.2.1', tsig: { ...tsig, secret: hidden } },
      { type: 'cloudflare', token: hidden },
      { type: 'webhook', url: 'https://example.test', secret: hidden.repeat(100) },
      { type: 'webhook', url: `https://user:${hidden}@example.test` },
    ]) {
      const { error } = validate(config)
      expect(error?.details).to.have.length(1)
      expect(error?.message).to.not.include('hidden')
    }
  })

  it('names its secrets by where they stand', () => {
    const types: readonly DnsProviderConfig['type'][] = ['rfc2136', 'cloudflare', 'webhook']
    expect(types.map(secretsOf)).to.deep.equal([['tsig.secret'], ['token'], ['secret']])
  })
})

describe('a list of resolvers', () => {
  it('has addresses alone, with or without a port', () => {
    expect(parseAddresses('')).to.deep.equal([])
    expect(parseAddresses(' 192.0.2.1 ,[2001:db8::1]:5353, ')).to.deep.equal([
      { address: '192.0.2.1', port: 53 },
      { address: '2001:db8::1', port: 5353 },
    ])
    for (const text of ['ns.example.test', '192.0.2.1 192.0.2.2', '192.0.2.1, localhost'])
      expect(parseAddresses(text), text).to.equal(undefined)
  })
})

describe('the server of a provider', () => {
  it('is read as it is shown', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('ns1.example.test'))
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65_535 }), (address, port) => {
        expect(parseEndpoint(showEndpoint({ address, port }))).to.deep.equal({ address, port })
      }),
    )
  })

  it('has a port of its own or the default one', () => {
    expect(parseEndpoint('2001:db8::1')).to.deep.equal({ address: '2001:db8::1', port: 53 })
    expect(parseEndpoint('[::1]')).to.deep.equal({ address: '::1', port: 53 })
    expect(parseEndpoint('localhost:5300')).to.deep.equal({ address: 'localhost', port: 5300 })
  })

  for (const text of [
    '',
    ':53',
    '[::1',
    '[192.0.2.1]:53',
    '192.0.2.256',
    '1.2.3',
    'a b',
    'ns:70000',
    'http://ns.example.test',
  ])
    it(`is not '${text}'`, () => expect(parseEndpoint(text)).to.equal(undefined))
})

describe('the URL of a webhook', () => {
  for (const text of [
    'https://10.0.0.1/x',
    'http://127.0.0.1:8053/',
    'http://127.1/',
    'http://[::1]:1/',
    'http://LOCALHOST/',
  ])
    it(`may be ${text}`, () => expect(webhookUrl(text)).to.be.instanceOf(URL))
  for (const text of [
    ...['', 'example.test', 'ftp://127.0.0.1/', 'file:///etc/passwd', 'http://example.test/', 'http://10.0.0.1/'],
    ...['http://127.0.0.1.example.test/', 'http://[::ffff:10.0.0.1]/', 'http://0.0.0.0/', 'http://169.254.169.254/'],
    ...['https://user@example.test/', 'https://:word@example.test/', 'https://example.test/#part'],
  ])
    it(`is not '${text}'`, () => expect(webhookUrl(text)).to.equal(undefined))
})

describe('the time to wait that a provider names', () => {
  it('is in seconds, or until a date, and sensible', () => {
    const now = Date.parse('2030-01-01T00:00:00Z')
    expect(retryAfter('17', now)).to.equal(17)
    expect(retryAfter('Tue, 01 Jan 2030 00:02:00 GMT', now)).to.equal(120)
    expect(retryAfter('0', now)).to.equal(1)
    expect(retryAfter('99999999', now)).to.equal(86_400)
    expect(retryAfter('soon', now)).to.equal(60)
    expect(retryAfter(undefined, now)).to.equal(60)
  })
})
