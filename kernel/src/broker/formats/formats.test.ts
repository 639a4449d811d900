import type { Directive } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import { FormatError, type Rendered } from './format.js'
import { formats } from './formats.js'
import { opaqueText } from './opaque.js'

type Plain = { readonly name: string; readonly args: readonly string[]; readonly block?: readonly Plain[] }

const plain = (tree: readonly Directive[]): Plain[] =>
  tree.map(({ name, args = [], block }) => ({ name, args: args.map(String), ...(block && { block: plain(block) }) }))
const rendered = (tree: readonly Plain[]): Rendered[] =>
  tree.map(({ name, args, block }) => ({
    name,
    args: args.map(text => ({ text })),
    ...(block && { block: rendered(block) }),
  }))
const count = (tree: readonly Plain[]): number =>
  tree.reduce((sum, { block }) => sum + 1 + (block ? count(block) : 0), 0)

const payloads = [
  '; return 200;',
  '} server {',
  '{',
  '"',
  "'",
  '\\',
  '\\"',
  '#',
  ' # x',
  'a b',
  '"; x "',
  '`id`',
  '$(id)',
  '$host',
  '%',
  '\\%',
  '%h',
  ';',
  '[section]',
  'a=b',
  '=',
  '-x',
  '@daily',
  '  ',
  '',
  "'\"'",
  '\\\\',
  'é',
  '🦊',
  '|',
  '&&',
  '\u2028',
  '~',
  '!',
  '${x}',
  'x${y}z',
]
const breaks = ['\n', '\r', '\t', '\0', '\u0085', '\u007f', '\u001b[2J', '\u009b', '\ud800']

/** Any text without control characters. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).filter(text => !/\p{Cc}/u.test(text) && text.isWellFormed()),
  fc.constantFrom(...payloads),
  fc.tuple(fc.constantFrom(...payloads), fc.constantFrom(...payloads)).map(parts => parts.join('')),
)
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,12}$/)
const args = fc.array(value, { maxLength: 4 })
const leaf = fc.record({ name, args })
const single = fc.record({ name, args: value.map(text => [text]) })
const section = (inner: fc.Arbitrary<Plain>) =>
  fc.record({ name, args: fc.constant([]), block: fc.array(inner, { maxLength: 4 }) })
const nested: fc.Arbitrary<Plain> = fc.letrec<{ node: Plain }>(tie => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ name: value, args, block: fc.array(tie('node'), { maxLength: 3 }) }),
  ),
})).node
const unique = (arbitrary: fc.Arbitrary<Plain>) =>
  fc.uniqueArray(arbitrary, { selector: directive => directive.name, maxLength: 4 })
const object: fc.Arbitrary<readonly Plain[]> = unique(
  fc.oneof(
    single,
    fc.record({ name, args: fc.array(value, { minLength: 2, maxLength: 4 }) }),
    fc.record({ name, args: fc.constant([]), block: unique(single) }),
  ),
)
const entry = fc
  .array(value, { minLength: 1, maxLength: 4 })
  .map(words => ({ name: 'entry', args: ['*/5', '0', '1-5', '*', 'mon,fri', ...words] }))

const documents: { readonly [F in keyof typeof formats]: fc.Arbitrary<readonly Plain[]> } = {
  block: fc.array(nested, { maxLength: 5 }),
  ini: fc
    .tuple(fc.array(single, { maxLength: 3 }), fc.array(section(single), { maxLength: 3 }))
    .map(parts => parts.flat()),
  unit: fc.array(section(leaf), { maxLength: 4 }),
  crontab: fc.array(
    fc.oneof(
      entry,
      fc.tuple(name, value).map(args => ({ name: 'variable', args })),
    ),
    { maxLength: 5 },
  ),
  json: object,
  env: fc.array(single, { maxLength: 5 }),
  pem: fc.array(
    fc
      .uint8Array({ minLength: 1, maxLength: 200 })
      .map(bytes => ({ name: 'CERTIFICATE', args: [Buffer.from(bytes).toString('base64')] })),
  ),
}

describe('configuration formats', () => {
  for (const [format, { serialize, parse }] of Object.entries(formats)) {
    describe(format, () => {
      const document = documents[format as keyof typeof formats]

      it('reads back exactly the tree it wrote, or refuses to write it', () => {
        let written = 0
        fc.assert(
          fc.property(document, tree => {
            let text: string
            try {
              text = serialize(rendered(tree), 'r')
            } catch (error) {
              expect(error).to.be.instanceOf(FormatError)
              return
            }
            written++
            expect(plain(parse(text))).to.deep.equal(tree)
          }),
          { numRuns: 400 },
        )
        expect(written, 'documents that could be written').to.be.greaterThan(20)
      })

      it('refuses every control character and half surrogate in every place', () => {
        fc.assert(
          fc.property(
            document.filter(tree => count(tree) > 0),
            fc.constantFrom(...breaks),
            fc.nat(),
            (tree, hostile, seed) => {
              const places: Plain[] = []
              const poison = (nodes: readonly Plain[]): Plain[] =>
                nodes.map(node => {
                  const copy = { ...node, args: [...node.args], ...(node.block && { block: poison(node.block) }) }
                  places.push(copy)
                  return copy
                })
              const copy = poison(tree)
              const victim = places[seed % places.length] as { name: string; args: string[] }
              if (victim.args.length) victim.args[victim.args.length - 1] += `x${hostile}y`
              else victim.name += `x${hostile}y`
              expect(() => serialize(rendered(copy), 'r')).to.throw(FormatError)
            },
          ),
          { numRuns: 200 },
        )
      })
    })
  }

  it('keeps the number of directives whatever a block value holds', () => {
    for (const hostile of [...payloads, ...breaks.map(text => `a${text}b`)]) {
      const tree = [
        {
          name: 'server',
          args: [],
          block: [
            { name: 'root', args: [hostile] },
            { name: 'x', args: ['y'] },
          ],
        },
      ]
      try {
        expect(count(plain(formats.block.parse(formats.block.serialize(rendered(tree), ''))))).to.equal(3)
      } catch (error) {
        expect(error).to.be.instanceOf(FormatError)
      }
    }
  })

  it('lets a $ through only before a listed variable, read as far as a name goes', () => {
    const write = (text: string) =>
      formats.block.serialize([{ name: 'return', args: [{ text, variables: ['uri'] }] }], '')
    expect(write('/a$uri')).to.contain('/a$uri')
    for (const text of ['$urix', '$ur', '$', '$$uri', '$request_uri', '${request_uri}', 'a$'])
      expect(() => write(text), text).to.throw(FormatError, /variable/)
  })

  it('fills the revision in', () => {
    expect(
      formats.block.serialize([{ name: 'return', args: [{ text: '200' }, { text: '', revision: true }] }], 'abc'),
    ).to.contain('return 200 abc;')
  })

  it('escapes what systemd and cron would expand', () => {
    expect(
      formats.unit.serialize(
        [{ name: 'Service', args: [], block: [{ name: 'ExecStart', args: [{ text: '/bin/x' }, { text: '50%' }] }] }],
        '',
      ),
    ).to.contain('ExecStart=/bin/x 50%%')
    expect(
      formats.crontab.serialize([{ name: 'entry', args: ['@daily', 'echo', '$(id) 5%'].map(text => ({ text })) }], ''),
    ).to.contain("@daily echo '$(id) 5\\%'")
  })

  it('takes opaque text with line feeds and tabs, and no other control character', () => {
    expect(opaqueText('a\n\tb')).to.equal('a\n\tb')
    for (const hostile of breaks.filter(text => text !== '\n' && text !== '\t'))
      expect(() => opaqueText(`a${hostile}`)).to.throw(FormatError)
  })

  it('says in which line a hand-written file is wrong', () => {
    expect(() => formats.block.parse('a b;\nserver {\n  x')).to.throw(FormatError, /line 3.*';'/)
    expect(() => formats.block.parse('a;\n}')).to.throw(FormatError, /line 2/)
    expect(() => formats.block.parse('a "b')).to.throw(FormatError, /never closed/)
    expect(() => formats.ini.parse('[a]\nb')).to.throw(FormatError, /line 2/)
    expect(() => formats.json.parse('[1]')).to.throw(FormatError)
  })
})
