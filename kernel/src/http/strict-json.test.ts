import 'reflect-metadata'
import { Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import { parseJson } from './strict-json.js'

describe('strict JSON', () => {
  const refusal = (text: string): Problem | undefined => {
    try {
      parseJson(text)
      return undefined
    } catch (error) {
      if (error instanceof Problem) return error
      throw error
    }
  }
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  it('takes what is JSON, and only that', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
        const text = JSON.stringify(value)
        if (!text.includes('__proto__')) expect(parseJson(text)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('finds the same texts wrong as the language does', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '\\',
      '\\u00e9',
      '1',
      '-',
      '0',
      '.5',
      'e9',
      'true',
      'nul',
      ' ',
      '\n',
      '\0',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), parts => {
        const text = parts.join('')
        const problem = refusal(text)
        if (problem && problem.params.reason !== 'syntax') return
        let right = true
        try {
          JSON.parse(text)
        } catch {
          right = false
        }
        expect(problem === undefined, text).to.equal(right)
      }),
      { numRuns: 5_000 },
    )
  })

  for (const [what, text, reason, position, path] of [
    ['an end that comes too early', '{"name":', 'syntax', 8, ''],
    ['nothing', '', 'syntax', 0, ''],
    ['two values', '{} {}', 'syntax', 3, ''],
    ['a comma too many', '{"a": 1,}', 'syntax', 8, ''],
    ['a number that is none', '{"a": NaN}', 'syntax', 6, ''],
    ['a line break in a text', '{"a": "b\nc"}', 'syntax', 8, ''],
    ['an unknown escape', '{"a": "\\x41"}', 'syntax', 7, ''],
    ['too deep a nesting', nested(33), 'depth', 32, ''],
    ['a key twice', '{"a": 1, "a": 2}', 'duplicate', 9, 'a'],
    ['a key twice, once escaped', '{"deep": [{"a": 1, "\\u0061": 2}]}', 'duplicate', 19, 'deep.0.a'],
    ['a key __proto__', '{"deep": {"__proto__": 1}}', 'prototype', 10, 'deep.__proto__'],
    ['an escaped key __proto__', '{"\\u005f_proto__": 1}', 'prototype', 1, '__proto__'],
  ] as const) {
    it(`refuses ${what} and says where it stands`, () => {
      const problem = refusal(text)
      expect(problem).to.deep.include({ code: 'malformed_json', status: 400 })
      expect(problem?.params).to.deep.equal({ reason, position, key: path })
      expect(problem?.fields.map(field => field.path)).to.deep.equal([path])
    })
  }

  it('takes 32 levels, keys that stand in different objects, and numbers that are too large to hold', () => {
    expect(refusal(nested(32))).to.equal(undefined)
    expect(parseJson('[{"a": 1}, {"a": 2}, {"b": {"a": 3}}]')).to.have.length(3)
    expect(parseJson('[1e400, -0]')).to.deep.equal([Number.POSITIVE_INFINITY, -0])
  })

  it('tells nothing of the values', () => {
    expect(JSON.stringify(refusal('{"password": "hunter2", oops}'))).not.to.include('hunter2')
  })
})
