import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { IntlMessageFormat } from 'intl-messageformat'
import 'reflect-metadata'
import { Catalogues } from './catalogues.js'
import { CatalogueRejected } from './errors.js'
import { preferredLocale } from './locale.js'

const directory = new URL('../../locales/', import.meta.url)

function readCatalogue(name: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as Record<string, string>
}

describe('message catalogues', () => {
  it("format a text in the reader's language with its values", () => {
    const catalogues = new Catalogues()
    catalogues.add('shop', 'en', { 'shop.files': '{count, plural, one {# file} other {# files}} of {owner}' })
    catalogues.add('shop', 'id', { 'shop.files': '{count} berkas milik {owner}' })
    expect(catalogues.format('en', 'shop.files', { count: 1, owner: 'ani' })).to.equal('1 file of ani')
    expect(catalogues.format('en', 'shop.files', { count: 3, owner: 'ani' })).to.equal('3 files of ani')
    expect(catalogues.format('id-ID', 'shop.files', { count: 3, owner: 'ani' })).to.equal('3 berkas milik ani')
  })

  it('fall back to English, then to the key, and show a text whose values are missing as it is written', () => {
    const catalogues = new Catalogues()
    catalogues.add('shop', 'en', { 'shop.open': 'Open', 'shop.by': 'by {name}' })
    expect(catalogues.format('id', 'shop.open')).to.equal('Open')
    expect(catalogues.format('fr', 'shop.open')).to.equal('Open')
    expect(catalogues.format('en', 'shop.absent')).to.equal('shop.absent')
    expect(catalogues.format('en', 'shop.by')).to.equal('by {name}')
  })

  it('hold each text of the kernel in one file, so that none hides another', () => {
    for (const language of ['en', 'id']) {
      const files = readdirSync(directory).filter(name => name.endsWith(`.${language}.json`))
      const keys = files.flatMap(name => Object.keys(readCatalogue(name)))
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).to.deep.equal([])
    }
  })

  it('treat markup as text', () => {
    const catalogues = new Catalogues()
    catalogues.add('shop', 'en', { 'shop.raw': '<b>{name}</b>' })
    expect(catalogues.format('en', 'shop.raw', { name: '<i>x</i>' })).to.equal('<b><i>x</i></b>')
  })

  it("take an owner's texts away again and leave the others", () => {
    const catalogues = new Catalogues()
    const before = Object.keys(catalogues.all('en'))
    const dispose = [catalogues.add('shop', 'en', { 'shop.a': 'A' }), catalogues.add('shop', 'id', { 'shop.a': 'B' })]
    expect(catalogues.all('id').shop).to.deep.equal({ 'shop.a': 'B' })
    for (const remove of dispose) remove()
    expect(Object.keys(catalogues.all('en'))).to.deep.equal(before)
    expect(catalogues.has('en', 'shop.a')).to.equal(false)
  })

  it('refuse a value that is not a text, naming its key', () => {
    const catalogues = new Catalogues()
    const bad = { 'shop.a': { nested: 'A' } } as unknown as Record<string, string>
    expect(() => catalogues.add('shop', 'en', bad))
      .to.throw()
      .that.satisfies(CatalogueRejected.is)
  })

  it('of the kernel hold the same keys in every language, each a well-formed message of the same values', () => {
    expect(argumentsOf('{a, select, b {c, {d}} other {{e, plural, one {# f} other {g}}}} {h, number}')).to.deep.equal([
      'a',
      'd',
      'e',
      'h',
    ])
    const english = readdirSync(directory).filter(name => name.endsWith('.en.json'))
    expect(english).to.include('http.en.json')
    for (const name of english) {
      const [en, id] = [readCatalogue(name), readCatalogue(name.replace('.en.', '.id.'))]
      expect(Object.keys(id).sort(), name).to.deep.equal(Object.keys(en).sort())
      for (const [locale, messages] of [
        ['en', en],
        ['id', id],
      ] as const) {
        for (const [key, text] of Object.entries(messages)) {
          expect(
            () => new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }),
            `${name} ${key}`,
          ).not.to.throw()
        }
      }
      for (const [key, text] of Object.entries(en))
        expect(argumentsOf(id[key]), `${name} ${key}`).to.deep.equal(argumentsOf(text))
    }
  })
})

/** A part of a parsed message; `options` are the branches of a select or plural. */
interface Part {
  readonly type: number
  readonly value?: unknown
  readonly options?: Readonly<Record<string, { readonly value: readonly Part[] }>>
}
const [literal, pound] = [0, 7]

/** Names of what the message takes, in its branches too. */
function argumentsOf(text: string | undefined): string[] {
  const names = new Set<string>()
  const visit = (parts: readonly Part[]) => {
    for (const { type, value, options } of parts) {
      if (type !== literal && type !== pound) names.add(String(value))
      for (const branch of Object.values(options ?? {})) visit(branch.value)
    }
  }
  visit(new IntlMessageFormat(text ?? '', 'en', undefined, { ignoreTag: true }).getAst() as unknown as Part[])
  return [...names].sort()
}

describe('the preferred language', () => {
  for (const [header, expected] of [
    [undefined, 'en'],
    ['id', 'id'],
    ['id-ID,id;q=0.9,en;q=0.8', 'id'],
    ['fr, en;q=0.5, id;q=0.7', 'id'],
    ['en-GB', 'en'],
    ['in', 'id'],
    ['*', 'en'],
    ['id;q=0', 'en'],
    ['x'.repeat(10_000), 'en'],
  ] as const) {
    it(`of ${JSON.stringify(header?.slice(0, 40))} is ${expected}`, () => {
      expect(preferredLocale(header)).to.equal(expected)
    })
  }
})
