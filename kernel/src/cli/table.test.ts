import { expect } from 'chai'
import fc from 'fast-check'
import { CliError } from './exit-codes.js'
import { table } from './table.js'
import { displayWidth, padEnd, truncate } from './width.js'

const id = '01a20562-bd51-7712-82ea-4b5ebb066731'
const rows = [
  {
    id,
    owner: 'sites',
    state: 'succeeded',
    title: { code: 'job.sites.create', text: 'Create site situs-percobaan-yang-panjang-sekali.example.test' },
    input: { a: 1 },
    createdAt: '2026-11-22T22:31:26.803Z',
    note: null,
  },
  { id, owner: 'sites', state: 'queued', title: { text: 'Délete サイト' }, createdAt: '2026-11-22T22:31:26.803Z' },
]

describe('a table', () => {
  it('fits the terminal and never cuts an id', () => {
    for (const width of [80, 100, 120]) {
      const lines = table(rows, { width, preferred: ['id', 'state', 'title', 'createdAt'] }).split('\n')
      for (const line of lines) expect(displayWidth(line)).to.be.at.most(width)
      expect(lines[1]).to.include(id).and.include('succeeded').and.include('Create site')
    }
    expect(table(rows, { width: 20 })).to.include(id)
  })

  it('leaves out what is empty, what has no short form, and last what does not fit', () => {
    const heads = (width: number) =>
      table(rows, { width })
        .split('\n')[0]
        ?.split(/\s{2,}/)
    expect(heads(200)).to.deep.equal(['ID', 'OWNER', 'STATE', 'TITLE', 'CREATED AT'])
    expect(heads(80), 'a time is whole or not there').to.deep.equal(['ID', 'OWNER', 'STATE', 'TITLE'])
  })

  it('shows chosen columns in their order, and everything uncut when asked', () => {
    expect(table(rows, { width: 100, chosen: ['state', 'id'] }).split('\n')[1]).to.equal(`succeeded  ${id}`)
    expect(table(rows, { width: 40, wide: true })).to.include('yang-panjang-sekali.example.test')
    expect(() => table(rows, { width: 80, chosen: ['stat'] }))
      .to.throw(CliError)
      .with.deep.property('params', {
        column: 'stat',
        near: 'state',
        columns: 'id, owner, state, title, input, createdAt, note',
      })
  })

  it('counts what a terminal shows', () => {
    expect(displayWidth('サイト')).to.equal(6)
    expect(displayWidth('e\u0301\u200b')).to.equal(1)
    expect(displayWidth('👩‍👩‍👧 ok')).to.equal(5)
    expect(truncate('サイト一覧', 6)).to.equal('サイ…')
    expect(padEnd('é', 3)).to.equal('é  ')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(displayWidth(truncate(text, columns))).to.be.at.most(columns)
      }),
    )
  })
})
