import { expect } from 'chai'
import { syntaxParts } from './syntax.js'

describe('the syntax of a line', () => {
  const parts = (line: string) => syntaxParts(line).map(({ kind, text }) => `${kind}:${text}`)

  it('has a name, strings and a comment, in whatever format', () => {
    expect(parts('    add_header "X-Motif" \'a b\' always;')).to.deep.equal([
      'plain:    ',
      'name:add_header',
      'plain: ',
      'string:"X-Motif"',
      'plain: ',
      "string:'a b'",
      'plain: always;',
    ])
    expect(parts('pm.max_children = 5')).to.deep.equal(['name:pm.max_children', 'plain: = 5'])
    expect(parts('  # by "hand"')).to.deep.equal(['comment:  # by "hand"'])
    expect(parts('; ini')).to.deep.equal(['comment:; ini'])
    expect(parts('}')).to.deep.equal(['plain:}'])
    expect(parts('')).to.deep.equal([])
  })

  it('takes every line apart without losing anything, and in time', () => {
    const lines = [
      '"unended \\',
      '\\"a\\" b "c',
      `${'"\\'.repeat(5_000)}`,
      `${' '.repeat(20_000)}x`,
      '<img src=x onerror="a">',
      'é́ "ü" #',
    ]
    for (const line of lines) {
      const began = performance.now()
      expect(
        syntaxParts(line)
          .map(({ text }) => text)
          .join(''),
      ).to.equal(line)
      expect(performance.now() - began).to.be.below(200)
    }
  })
})
