import type { ParamRule, Word } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import fc from 'fast-check'
import { Host } from './host.js'
import { checkValue, expandArgv, expandPath, type ParamContext, paramsIn, resolveParams } from './params.js'
import { brokerHome } from './testing/broker-process.js'

const rules: Record<string, ParamRule> = {
  name: { type: 'pattern', pattern: '.*', maxLength: 50 },
  files: { type: 'path' },
  host: { type: 'hostname', wildcard: true },
  port: { type: 'port' },
  size: { type: 'integer', min: 0, max: 10 },
  version: { enum: 'versions.tool' },
}
const context: ParamContext = {
  rules: new Map(Object.entries(rules)),
  versions: key => (key === 'tool' ? ['8.2'] : []),
}
const accepts = (name: string, value: unknown) => {
  try {
    return checkValue(context, name, rules[name] as ParamRule, value)
  } catch (error) {
    if (error instanceof Problem && error.code === 'param_invalid') return undefined
    throw error
  }
}
const home = brokerHome()
after(() => home.remove())
const host = new Host(home.config)

describe('parameters', () => {
  it('hold no control character, leading hyphen or half of a surrogate pair, whatever their rule', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '-rf',
        '--',
        '-',
        'a\nb',
        'a\0b',
        '\u0085',
        'a\x7f',
        '\ud800',
        '../x',
        '/etc/passwd',
        'a/../b',
        '',
        '.',
        'a//b',
        '*',
        '\u202e',
      ),
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(rules)), nasty, (name, value) => {
        const text = accepts(name, value)
        if (text === undefined) return
        expect(text).not.to.match(/^-/)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        expect(text).not.to.match(/[\x00-\x1f\x7f-\x9f]/)
        expect(text.isWellFormed()).to.equal(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('paths stay below their directory', () => {
    for (const path of ['a', 'a/b.txt', '.well-known/x', 'ä b/c']) expect(accepts('files', path), path).to.equal(path)
    for (const path of [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      'a/..',
      '../a',
      'a/./b',
      'a/-b',
      'a\0b',
      'x'.repeat(256),
    ])
      expect(accepts('files', path), path).to.equal(undefined)
  })

  it('host names are host names', () => {
    for (const name of ['example.test', '*.example.test', 'xn--nxasmq6b.test', 'a'])
      expect(accepts('host', name), name).to.equal(name)
    for (const name of [
      '',
      '*',
      '*.',
      'a..b',
      'a.',
      '.a',
      'Example.test',
      'a_b',
      'a b',
      'a-.b',
      '-a.b',
      '*.*.a',
      'a*.b',
      `${'a'.repeat(64)}.b`,
    ])
      expect(accepts('host', name), name).to.equal(undefined)
  })

  it('numbers are plain and in range', () => {
    expect(accepts('port', 8080)).to.equal('8080')
    expect(accepts('size', '7')).to.equal('7')
    for (const value of [
      0,
      65536,
      -1,
      1.5,
      '0x10',
      '1e3',
      ' 1',
      '01',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      null,
      {},
      [],
    ])
      expect(accepts('port', value), String(value)).to.equal(undefined)
  })

  it('enums come from the table of this host', () => {
    expect(accepts('version', '8.2')).to.equal('8.2')
    for (const value of ['8.3', '', 'constructor', '__proto__', ['8.2']])
      expect(accepts('version', value)).to.equal(undefined)
  })

  it('are exactly those that the words name', () => {
    const words: Word[] = ['-x', { param: 'name' }, { each: 'files' }]
    const resolve = (params: Record<string, string | string[]>) =>
      resolveParams(context, paramsIn(words), params, undefined)
    expect(expandArgv(host, words, resolve({ name: 'a b;$(c)', files: ['d', 'e'] }))).to.deep.equal([
      '-x',
      'a b;$(c)',
      'd',
      'e',
    ])
    for (const params of [
      { name: 'a' },
      { name: 'a', files: 'd' },
      { name: ['a'], files: ['d'] },
      { name: 'a', files: ['d'], port: '1' },
      { name: 'a', files: ['-d'] },
      { toString: 'x', name: 'a', files: [] },
    ])
      expect(() => resolve(params as unknown as Record<string, string | string[]>), JSON.stringify(params)).to.throw(
        /param_invalid/,
      )
  })

  it('do not expand roots that a caller wrote', () => {
    const words: Word[] = [['${etc}/', { param: 'name' }]]
    const params = resolveParams(context, paramsIn(words), { name: '${www}' }, undefined)
    expect(expandArgv(host, words, params)).to.deep.equal([`${host.roots.etc}/\${www}`])
  })

  it('stand in paths as one plain segment or part of one', () => {
    const path: Word[] = ['${etc}/', { param: 'version' }, '/x']
    expect(expandPath(host, path, new Map([['version', '8.2']]))).to.equal(`${host.roots.etc}/8.2/x`)
    for (const version of ['..', '.', 'a/b', '', '../x'])
      expect(() => expandPath(host, path, new Map([['version', version]]))).to.throw(/param_invalid/)
  })

  it('name tenants only by their form', () => {
    for (const tenant of ['sabc', '../../etc', 's'.repeat(12), 'sABCDEFGHIJ', '-saaaaaaaaa', 'saaaaaaaaaa\n'])
      expect(() => resolveParams(context, new Map(), {}, tenant), tenant).to.throw(/param_invalid/)
    expect(resolveParams(context, new Map(), {}, 'saaaaaaaaaa').get('tenant')).to.equal('saaaaaaaaaa')
  })
})
