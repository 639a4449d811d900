import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { candidates } from './commands/completion.js'
import { CliError } from './exit-codes.js'
import { buildRequest, flagsOf, parseLine, takesValue, usageOf } from './input.js'
import { findOperation, type JsonSchema, type OpenApiDocument, operationsOf } from './operations.js'
import { inert } from './output.js'
import { ownFlags } from './run-operation.js'
import { cliTexts } from './texts.js'

const runtime: JsonSchema = {
  anyOf: [
    { type: 'object', properties: { type: { const: 'static' }, documentRoot: { type: 'string' } } },
    {
      type: 'object',
      properties: { type: { const: 'proxy' }, port: { type: 'integer' }, websocket: { type: 'boolean' } },
    },
  ],
}
const document: OpenApiDocument = {
  paths: {
    '/api/v1/things': {
      post: {
        operationId: 'things.create',
        summary: 'Make a thing',
        'x-nusa-cli': { args: ['name'] },
        'x-nusa-change': true,
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: { type: 'string' },
                  aliases: { type: 'array', items: { type: 'string' } },
                  limit: { type: 'integer' },
                  keep: { type: 'boolean' },
                  runtime,
                },
              },
            },
          },
        },
      },
      get: {
        operationId: 'things.list',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
      },
    },
    '/api/v1/things/{id}/labels': {
      post: {
        operationId: 'things.label',
        parameters: [{ name: 'id', in: 'path' }],
        'x-nusa-cli': { args: ['id', 'labels'] },
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { labels: { type: 'array', items: { type: 'string' } }, keep: { type: 'boolean' } },
              },
            },
          },
        },
      },
    },
    '/api/v1/things/{id}': { delete: { operationId: 'things.delete', parameters: [{ name: 'id', in: 'path' }] } },
    '/api/v1/hidden': { get: { operationId: 'hidden.get', 'x-nusa-cli': false } },
  },
}
const operations = operationsOf(document)
const text = cliTexts('en')
const request = (...words: string[]) => {
  const { operation, rest } = findOperation(
    operations,
    words.filter((word, index) => index < 2 || word !== ''),
  )
  return buildRequest(operation, parseLine(rest, takesValue(operation, ownFlags)))
}
const refusal = (...words: string[]): string => {
  try {
    request(...words)
  } catch (error) {
    if (error instanceof CliError) return text(error.code, error.params)
    throw error
  }
  throw new Error('expected a refusal')
}

describe('the command line', () => {
  it('makes a command of every operation that is not hidden', () => {
    expect(operations.map(operation => operation.words.join(' '))).to.deep.equal([
      'things create',
      'things delete',
      'things label',
      'things list',
    ])
  })

  it('turns arguments and flags into the body, by the types of the schema', () => {
    expect(
      request('things', 'create', 'a', '--aliases', 'b,c', '--aliases', 'd', '--limit', '5', '--no-keep').body,
    ).to.deep.equal({
      name: 'a',
      aliases: ['b', 'c', 'd'],
      limit: 5,
      keep: false,
    })
  })

  it('takes every further word into a list that is the last argument', () => {
    expect(request('things', 'label', '7', 'red', 'green,blue', '--keep', 'round')).to.deep.equal({
      path: '/api/v1/things/7/labels',
      body: { labels: ['red', 'green', 'blue', 'round'], keep: true },
    })
    expect(request('things', 'label', '7').body).to.deep.equal({})
    const { operation } = findOperation(operations, ['things', 'label'])
    expect(usageOf(operation)).to.equal('nusa things label <id> [labels...] [flags]')
  })

  it('reads a value that begins with @ from a file, so that no secret stands on the line', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nusa-cli-'))
    const file = join(directory, 'value')
    try {
      writeFileSync(file, 'first\nsecond\n')
      expect(request('things', 'create', 'a', '--runtime.document-root', `@${file}`).body).to.deep.include({
        runtime: { documentRoot: 'first\nsecond' },
      })
      writeFileSync(file, '{"type": "static"}')
      expect(request('things', 'create', 'a', '--runtime', `@${file}`).body).to.deep.include({
        runtime: { type: 'static' },
      })
      expect(request('things', 'create', '@@a').body).to.deep.equal({ name: '@a' })
      expect(refusal('things', 'create', `@${file}.none`))
        .to.include(`${file}.none`)
        .and.include('ENOENT')
      expect(refusal('things', 'create', `@${directory}`)).to.include('EISDIR')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('takes a kind as a word and its parts as dotted flags', () => {
    const body = request(
      'things',
      'create',
      'a',
      '--runtime',
      'proxy',
      '--runtime.port',
      '3000',
      '--runtime.websocket',
    ).body
    expect(body).to.deep.equal({ name: 'a', runtime: { type: 'proxy', port: 3000, websocket: true } })
    expect(request('things', 'create', 'a', '--runtime={"type":"static"}').body).to.deep.include({
      runtime: { type: 'static' },
    })
  })

  it('escapes path parameters and puts queries where they belong', () => {
    expect(request('things', 'delete', 'a/../b?c').path).to.equal('/api/v1/things/a%2F..%2Fb%3Fc')
    expect(request('things', 'list', '--limit', '2').path).to.equal('/api/v1/things?limit=2')
  })

  it('names what is wrong with a line', () => {
    expect(refusal('things', 'create', 'a', '--colour', 'red')).to.include('--colour is unknown')
    expect(refusal('things', 'create', 'a', 'b')).to.include('“b” is one argument too many')
    expect(refusal('things', 'delete')).to.include('<id> is missing')
    expect(refusal('things', 'create', 'a', '--limit')).to.include('--limit needs a value')
    expect(refusal('things', 'create', 'a', '--runtime={')).to.include('not valid JSON')
    expect(refusal('things', 'destroy')).to.include('nusa things create')
    expect(refusal('nothing')).to.include('nusa help')
  })

  it('suggests what was probably meant', () => {
    expect(refusal('things', 'crate', 'a')).to.include('did you mean “nusa things create”')
    expect(refusal('thing', 'create', 'a')).to.include('did you mean “nusa things create”')
    expect(refusal('things', 'create', 'a', '--alises', 'b')).to.include('did you mean --aliases')
    expect(refusal('things', 'create', 'a', '--zzz', 'b')).to.include('--zzz is unknown\n')
  })

  it('completes words, then flags, by what is there already', () => {
    const all = [
      ...operations.map(operation => ({ words: operation.words, flags: [...flagsOf(operation), 'json'] })),
      { words: ['completion'], flags: [], values: [['bash', 'zsh']] },
      { words: ['paint'], flags: ['soon'], values: [['wall'], ['red', 'blue']], variadic: true },
    ]
    expect(candidates(all, [''])).to.deep.equal(['completion', 'paint', 'things'])
    expect(candidates(all, ['th'])).to.deep.equal(['things'])
    expect(candidates(all, ['things', ''])).to.deep.equal(['create', 'delete', 'label', 'list'])
    expect(candidates(all, ['things', 'create', '--'])).to.include.members(['--runtime', '--json'])
    expect(candidates(all, ['things', 'create', 'a', '--r'])).to.deep.equal(['--runtime'])
    expect(candidates(all, ['completion', ''])).to.deep.equal(['bash', 'zsh'])
    expect(candidates(all, ['completion', 'bash', ''])).to.deep.equal([])
    expect(candidates(all, ['paint', ''])).to.deep.equal(['--soon', 'wall'])
    expect(candidates(all, ['paint', 'wall', 'b'])).to.deep.equal(['blue'])
    // Nothing twice.
    expect(candidates(all, ['paint', 'wall', 'blue', ''])).to.deep.equal(['--soon', 'red'])
    expect(candidates(all, ['paint', '--soon', ''])).to.deep.equal(['--soon'])
  })

  it('prints the text of others without its control codes', () => {
    expect(inert('a\x1b[31mred\x1b[0m\x07\x9b2Jb')).to.equal('aredb')
  })
})
