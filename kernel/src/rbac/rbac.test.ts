import { type Actor, newId } from '@nusantara/sdk'
import { expect } from 'chai'
import { AuthHarness, longPassword, problemOf, root1 } from '../auth/testing.js'
import { describeState } from '../testing/state.js'
import { Accounts } from './accounts.js'
import { Resources } from './resources.js'
import { Roles } from './roles.js'

describeState('users, roles and accounts', stores => {
  let auth: AuthHarness
  let roles: Roles
  let accounts: Accounts
  let resources: Resources

  beforeEach(async () => {
    auth = new AuthHarness(await stores.open(), stores.config().home)
    auth.access.define('demo', { 'demo:read': { user: true }, 'demo:write': {} })
    roles = auth.container.resolve(Roles)
    accounts = auth.container.resolve(Accounts)
    resources = auth.container.resolve(Resources)
  })
  afterEach(() => auth.stop())

  const as = async (username: string): Promise<Actor> =>
    auth.actor((await auth.signIn.login(await auth.client(), username, longPassword)).cookie)

  it('gives the role user what is declared for users, and the own account', async () => {
    await auth.addUser('joko')
    const joko = await as('joko')
    expect(joko.admin).to.equal(false)
    expect([...joko.permissions].sort()).to.deep.equal(['accounts:read', 'demo:read', 'tokens:write'])
    const { items } = await accounts.list(joko, { limit: 10 })
    expect(items.map(account => account.name)).to.deep.equal(['joko'])
    expect(joko.accounts).to.deep.equal(items.map(account => account.id))
  })

  it('adds up custom roles', async () => {
    const { id } = await roles.create(root1, { name: 'editor', permissions: ['demo:write'] })
    await auth.addUser('siti', ['user', id])
    expect([...(await as('siti')).permissions]).to.include.members(['demo:read', 'demo:write'])
    await roles.update(root1, id, { permissions: [] })
    expect((await as('siti')).permissions.has('demo:write')).to.equal(false)
    expect(await problemOf(roles.remove(root1, id))).to.equal('role_in_use')
    expect(await problemOf(roles.update(root1, 'admin', { permissions: [] }))).to.equal('role_built_in')
    expect(await problemOf(roles.create(root1, { name: 'x', permissions: ['no:such'] }))).to.equal('permission_unknown')
    expect(await problemOf(roles.create(root1, { name: 'editor', permissions: [] }))).to.equal('role_name_taken')
  })

  it('lets nobody give or touch more than they hold', async () => {
    const wati = await auth.addUser('wati', ['admin'])
    const joko = await auth.addUser('joko')
    const { id } = await roles.create(root1, {
      name: 'helpdesk',
      permissions: ['users:read', 'users:write', 'accounts:read', 'tokens:write', 'demo:read'],
    })
    await auth.addUser('siti', [id])
    const siti = await as('siti')
    expect(await problemOf(auth.users.setPassword(siti, wati, 'twelve brave turtles swim'))).to.equal('grant_too_wide')
    expect(await problemOf(auth.users.update(siti, wati, { disabled: true }))).to.equal('grant_too_wide')
    expect(await problemOf(auth.users.remove(siti, wati))).to.equal('grant_too_wide')
    expect(await problemOf(auth.users.removeTotp(siti, wati))).to.equal('grant_too_wide')
    expect(await problemOf(auth.users.update(siti, joko, { roles: ['admin'] }))).to.equal('grant_too_wide')
    const input = { username: 'new', password: longPassword, locale: 'en', roles: ['admin'] }
    expect(await problemOf(auth.users.create(siti, input))).to.equal('grant_too_wide')
    expect(await problemOf(roles.create(siti, { name: 'more', permissions: ['demo:write'] }))).to.equal(
      'grant_too_wide',
    )
    const [theirs = ''] = (await auth.users.get(wati)).accounts
    const into = (account: string) => ({ ...input, roles: ['user'], accounts: [account] })
    expect(await problemOf(auth.users.create(siti, into(theirs)))).to.equal('account_unknown')
    expect((await auth.users.create(siti, into(siti.accounts[0] ?? ''))).accounts).to.deep.equal(siti.accounts)
    expect((await auth.users.update(siti, joko, { disabled: true })).disabled).to.equal(true)
    expect((await auth.users.list({ limit: 10 })).items.map(user => user.username)).to.deep.equal([
      'joko',
      'new',
      'siti',
      'wati',
    ])
  })

  it('keeps the last administrator, also when two remove each other at once', async () => {
    const [wati, budi] = [await auth.addUser('wati', ['admin']), await auth.addUser('budi', ['admin'])]
    const results = await Promise.all([
      problemOf(auth.users.update(root1, wati, { disabled: true })),
      problemOf(auth.users.update(root1, budi, { roles: ['user'] })),
    ])
    expect(results.sort()).to.deep.equal(['last_administrator', 'none'])
    const { items } = await auth.users.list({ limit: 10 })
    const left = items.filter(user => !user.disabled && user.roles.includes('admin'))
    expect(left).to.have.length(1)
    expect(await problemOf(auth.users.remove(root1, left[0]?.id ?? ''))).to.equal('last_administrator')
  })

  it('keeps names apart whatever their case, and pages by name', async () => {
    await auth.addUser('Budi')
    expect(await problemOf(auth.addUser('bUDI'))).to.equal('username_taken')
    for (const name of ['ani', 'cici', 'dedi']) await auth.addUser(name)
    const first = await auth.users.list({ limit: 2 })
    expect(first.items.map(user => user.username)).to.deep.equal(['ani', 'Budi'])
    const second = await auth.users.list({ limit: 2, cursor: first.nextCursor })
    expect(second.items.map(user => user.username)).to.deep.equal(['cici', 'dedi'])
    expect(second.nextCursor).to.equal(undefined)
    expect((await auth.users.list({ limit: 9, q: 'IC' })).items.map(user => user.username)).to.deep.equal(['cici'])
  })

  it('answers the same for what is not there and what is somebody else’s', async () => {
    await auth.addUser('joko')
    await auth.addUser('siti')
    const [joko, siti] = [await as('joko'), await as('siti')]
    const [own = ''] = joko.accounts
    const id = newId()
    await auth.state.transaction(trx => resources.create(trx, { id, type: 'thing', accountId: own }))
    expect(await resources.find(joko, 'thing', id)).to.deep.equal({ id, type: 'thing', accountId: own, parentId: null })
    expect(await resources.find(siti, 'thing', id)).to.equal(null)
    expect(await resources.find(joko, 'other', id)).to.equal(null)
    expect((await resources.find(root1, 'thing', id))?.id).to.equal(id)
    expect(await problemOf(accounts.get(siti, own))).to.equal('not_found')
    expect(await problemOf(accounts.get(siti, newId()))).to.equal('not_found')
    expect(await problemOf(accounts.update(siti, own, { name: 'mine now' }))).to.equal('not_found')
    const { knex } = auth.state
    expect(await resources.scope(knex('resources as r').select('r.id'), joko, 'r.id')).to.have.length(1)
    expect(await resources.scope(knex('resources as r').select('r.id'), siti, 'r.id')).to.have.length(0)
    expect(
      await resources.scope(knex('resources as r').select('r.id'), { ...siti, accounts: [] }, 'r.id'),
    ).to.have.length(0)
  })

  it('hangs a resource only below one of the same account, and names a default account', async () => {
    await auth.addUser('joko')
    await auth.addUser('siti')
    const [joko, siti] = [await as('joko'), await as('siti')]
    const [mine = '', theirs = ''] = [joko.accounts[0], siti.accounts[0]]
    const parent = newId()
    const below = (accountId: string) =>
      auth.state.transaction(trx => resources.create(trx, { id: newId(), type: 'part', accountId, parentId: parent }))
    await auth.state.transaction(trx => resources.create(trx, { id: parent, type: 'thing', accountId: mine }))
    expect(await problemOf(below(theirs))).to.equal('resource_parent_foreign')
    expect(await problemOf(below(mine))).to.equal('none')
    expect(await resources.defaultAccount(joko)).to.equal(mine)
    expect(await problemOf(resources.defaultAccount({ ...joko, accounts: [] }))).to.equal('no_account')
    expect(await resources.defaultAccount(root1)).to.equal(mine)
    expect(await problemOf(accounts.remove(root1, mine))).to.equal('account_in_use')
    expect(await problemOf(accounts.remove(root1, theirs))).to.equal('none')
  })
})
