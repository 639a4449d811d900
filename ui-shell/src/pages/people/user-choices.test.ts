import { setSession } from '@nusantara/sdk/ui'
import { useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import type { RoleEntry } from './entries.js'
import { permissionGroups } from './permissions-field.js'
import { accountChoices, roleChoices } from './user-choices.js'

const role = (id: string, ...permissions: string[]): RoleEntry => ({
  id,
  name: id,
  description: '',
  builtIn: id === 'admin' || id === 'user',
  permissions,
  users: 0,
})
const roles = [role('admin', '*'), role('user', 'sites:read'), role('desk', 'users:read'), role('boss', 'users:write')]
const signIn = (admin: boolean, ...permissions: string[]) =>
  setSession({
    user: { id: 'me', username: 'me', locale: 'en', admin, totp: false },
    permissions,
    assurance: 'full',
    csrfToken: '',
  })

describe('what a reader can give somebody', () => {
  before(() => useMessages({ shell: { 'permissions.high': 'High risk', 'permissions.panel': 'Panel' } }))
  afterEach(() => setSession(null))
  const offered = (chosen: readonly string[]) =>
    roleChoices(roles, chosen)[0]?.choices.map(({ value, disabled = false }) => (disabled ? `(${value})` : value))

  it('is every role, for an administrator', () => {
    signIn(true, '*')
    expect(offered([])).to.deep.equal(['admin', 'user', 'desk', 'boss'])
  })

  it('is no role that holds more than they do; who has one keeps it', () => {
    signIn(false, 'users:read', 'sites:read')
    expect(offered([])).to.deep.equal(['user', 'desk'])
    expect(offered(['boss', 'admin'])).to.deep.equal(['(admin)', 'user', 'desk', '(boss)'])
  })

  it('leaves alone what they do not see', () => {
    signIn(false, 'users:read')
    const accounts = [{ id: 'own', name: 'Own', members: [], createdAt: '', resources: 0 }]
    const choices = accountChoices(accounts, ['own', 'hidden'])[0]?.choices ?? []
    expect(choices.map(({ value, disabled = false }) => [value, disabled])).to.deep.equal([
      ['own', false],
      ['hidden', true],
    ])
  })

  it('is grouped by whose permission it is, the panel first, with what is gone at the end', () => {
    const offered = ['zoo', 'kernel', 'art'].map(owner => ({
      name: `${owner}:read`,
      owner,
      risk: owner === 'art' ? ('high' as const) : ('low' as const),
      user: false,
    }))
    const groups = permissionGroups(offered, ['kernel:read', 'gone:read'])
    expect(groups.map(({ choices }) => choices.map(({ value }) => value).join())).to.deep.equal([
      'kernel:read',
      'art:read',
      'zoo:read',
      'gone:read',
    ])
    expect(groups.map(({ choices }) => Boolean(choices[0]?.warning))).to.deep.equal([false, true, false, false])
  })
})
