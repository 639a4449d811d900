import { expect } from 'chai'
import { comparePrivileges } from './privilege-changes.js'

const conf = {
  path: ['${etc}/demo/', { param: 'kind' }, '.conf'],
  format: 'block',
  grammar: 'grammars/conf.json',
  owner: 'root',
  mode: '0644',
  maxBytes: 1024,
}
const look = { bin: '/usr/bin/uptime', argv: ['--pretty'], runAs: 'root', risk: 'low' }
const privileges = {
  params: { kind: { enum: ['a', 'b'] }, other: { enum: ['c'] } },
  operations: { look },
  files: { conf },
  changes: { conf: { files: ['conf'], service: 'demo' } },
}
const grammars = { 'grammars/conf.json': 'one' }
const before = { privileges, grammars }

/** The changes by key, against {@link before}. */
function changes(now: object, of: Readonly<Record<string, string>> = grammars): Record<string, string | undefined> {
  const compared = comparePrivileges({ privileges: { ...privileges, ...now }, grammars: of }, before)
  return Object.fromEntries(compared.map(({ key, change }) => [key, change]))
}

describe('privileges against those agreed to', () => {
  it('mark nothing when nothing was agreed to, or nothing differs', () => {
    const marks = (list: readonly { readonly change?: string }[]) => list.map(({ change }) => change)
    expect(marks(comparePrivileges(before, undefined))).to.deep.equal([undefined, undefined])
    expect(marks(comparePrivileges(before, before))).to.deep.equal([undefined, undefined])
  })

  it('mark what is new, and keep in sight what is gone', () => {
    expect(changes({ tenants: true, operations: { more: look } })).to.deep.equal({
      tenants: 'added',
      'operations.more': 'added',
      'operations.look': 'removed',
      'files.conf': undefined,
    })
  })

  it('mark what differs in something that the words leave out: a limit, a parameter, a grammar, a change', () => {
    expect(changes({ operations: { look: { ...look, timeout: '1h' } } })['operations.look']).to.equal('changed')
    const wider = changes({ params: { ...privileges.params, kind: { enum: ['a', 'b', 'c'] } } })
    expect(wider).to.deep.equal({ 'operations.look': undefined, 'files.conf': 'changed' })
    expect(changes({}, { 'grammars/conf.json': 'two' })['files.conf']).to.equal('changed')
    const followed = { conf: { files: ['conf'], service: 'demo', ensure: 'follow' } }
    expect(changes({ changes: followed })['files.conf']).to.equal('changed')
  })
})
