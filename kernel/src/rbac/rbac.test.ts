import { type Actor, newId } from '@nusantara/sdk'
import { expect } from 'chai'
import { ApiTokens } from '../auth/api-tokens.js'
import { AuthHarness, longPassword, problemOf, root1 } from '../auth/testing.js'
import { describeState } from '../testing/state.js'
import { Accounts } from './accounts.js'
import { Principals } from './principals.js'
import { Resources } from './resources.js'
import { Roles } from './roles.js'
import { username } from './schemas.js'

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

  it('lets nobody edit a role that gives more, put more into it, or hand it on', async () => {
    const held = ['roles:read', 'roles:write', 'users:write', 'accounts:read']
    auth.access.define('kernel', { 'roles:read': {}, 'roles:write': { risk: 'high' } })
    const lead = await roles.create(root1, { name: 'lead', permissions: held })
    const strong = await roles.create(root1, { name: 'strong', permissions: [...held, 'demo:write'] })
    await auth.addUser('siti', [lead.id])
    const siti = await as('siti')
    for (const patch of [{ permissions: [] }, { name: 'weak' }, { description: 'x' }])
      expect(await problemOf(roles.update(siti, strong.id, patch))).to.equal('grant_too_wide')
    expect(await problemOf(roles.remove(siti, strong.id))).to.equal('grant_too_wide')
    expect(await problemOf(roles.update(siti, lead.id, { permissions: [...held, 'demo:write'] }))).to.equal(
      'grant_too_wide',
    )
    const own = await auth.users.get(siti.id)
    expect(await problemOf(auth.users.update(siti, own.id, { roles: [lead.id, strong.id] }))).to.equal('grant_too_wide')
    expect(await problemOf(auth.users.update(siti, own.id, { roles: ['user'] }))).to.equal('grant_too_wide')
    expect((await roles.update(siti, lead.id, { permissions: held })).permissions).to.deep.equal(held)
  })

  it('lets nobody pull into an account, or put out of it, who holds more', async () => {
    auth.access.define('kernel', { 'accounts:write': {} })
    const { id } = await roles.create(root1, { name: 'clerk', permissions: ['accounts:read', 'accounts:write'] })
    await auth.addUser('siti', [id])
    const [joko, wati] = [await auth.addUser('joko', ['user']), await auth.addUser('wati', ['admin'])]
    const peer = await auth.addUser('peer', [id])
    const siti = await as('siti')
    const [own = ''] = siti.accounts
    const set = (members: readonly string[]) => problemOf(accounts.update(siti, own, { members }))
    expect(await set([siti.id, wati])).to.equal('grant_too_wide')
    expect(await set([siti.id, joko])).to.equal('grant_too_wide')
    expect(await set([siti.id, newId()])).to.equal('member_unknown')
    expect(await set([siti.id, peer])).to.equal('none')
    await accounts.update(root1, own, { members: [siti.id, peer, wati] })
    expect(await set([siti.id, peer])).to.equal('grant_too_wide')
    expect(await set([siti.id, wati])).to.equal('none')
    expect((await accounts.get(root1, own)).members).to.have.members([siti.id, wati])
    expect((await accounts.create(siti, 'peers', [peer])).members).to.have.members([siti.id, peer])
    expect(await problemOf(accounts.create(siti, 'more', [wati]))).to.equal('grant_too_wide')
    expect(await problemOf(accounts.create(root1, 'none', [newId()]))).to.equal('member_unknown')
    expect((await accounts.list(root1, { limit: 99, q: 'none' })).items, 'nothing is half made').to.deep.equal([])
  })

  it('removes a user with everything that lets them in, and keeps what they owned', async () => {
    const id = await auth.addUser('joko')
    const cookie = (await auth.signIn.login(await auth.client(), 'joko', longPassword)).cookie
    const joko = await auth.actor(cookie)
    const thing = newId()
    const [own = ''] = joko.accounts
    await auth.state.transaction(trx => resources.create(trx, { id: thing, type: 'thing', accountId: own }))
    const tokens = auth.container.resolve(ApiTokens)
    const { token } = await tokens.create(joko, { name: 'x', permissions: ['demo:read'] })
    await auth.users.remove(root1, id)
    expect((await auth.actor(cookie)).kind).to.equal('anonymous')
    expect(await tokens.identify(token, '192.0.2.1')).to.equal(null)
    expect(await auth.container.resolve(Principals).actor(id), 'for the jobs that they left').to.equal(null)
    expect((await resources.find(root1, 'thing', thing))?.accountId).to.equal(own)
    for (const table of ['sessions', 'api_tokens', 'user_roles', 'account_members', 'known_addresses'])
      expect(await auth.state.knex(table).where({ user_id: id }), table).to.deep.equal([])
    const again = await auth.addUser('joko')
    expect(again).not.to.equal(id)
    expect((await auth.actor(cookie)).kind, 'of another joko').to.equal('anonymous')
  })

  it('takes no name that only looks like another', () => {
    for (const name of [
      '\u0430dmin',
      'adm\u0131n',
      '\uff41dmin',
      'admin\u200b',
      'admin ',
      ' admin',
      '.admin',
      'admin.',
      'a\u0301dmin',
    ])
      expect(username.validate(name).error, name).to.be.an('error')
    for (const name of ['admin', 'a.d-m_in', 'siti@example.id', 'x'])
      expect(username.validate(name).error).to.equal(undefined)
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

  it('orders users by name, age and last sign-in, and pages through each order', async () => {
    for (const name of ['cici', 'ani', 'Budi', 'dedi']) {
      await auth.addUser(name)
      auth.clock.advance(1000)
    }
    for (const name of ['Budi', 'ani']) {
      await as(name)
      auth.clock.advance(1000)
    }
    const inOrder = async (sort: 'createdAt' | '-createdAt' | '-username' | '-lastSignInAt') => {
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await auth.users.list({ limit: 1, sort, ...(cursor && { cursor }) })
        names.push(...page.items.map(user => user.username))
        cursor = page.nextCursor
      } while (cursor)
      return names
    }
    expect(await inOrder('createdAt')).to.deep.equal(['cici', 'ani', 'Budi', 'dedi'])
    expect(await inOrder('-createdAt')).to.deep.equal(['dedi', 'Budi', 'ani', 'cici'])
    expect(await inOrder('-username')).to.deep.equal(['dedi', 'cici', 'Budi', 'ani'])
    expect((await inOrder('-lastSignInAt')).slice(0, 2)).to.deep.equal(['ani', 'Budi'])
    for (const cursor of ['', 'ani', ' ', '~ ~'])
      expect((await auth.users.list({ limit: 9, cursor })).items, cursor).to.be.an('array')
    const made = await Promise.all(['b', 'A', 'c'].map(name => accounts.create(root1, name)))
    const listed = await accounts.list(root1, { limit: 9, sort: '-name', q: '' })
    const own = new Set(made.map(({ id }) => id))
    expect(listed.items.filter(({ id }) => own.has(id)).map(({ name }) => name)).to.deep.equal(['c', 'b', 'A'])
  })

  it('renames a user, and moves them between accounts of the actor alone', async () => {
    const joko = await auth.addUser('joko')
    await auth.addUser('Siti')
    expect(await problemOf(auth.users.update(root1, joko, { username: 'sITI' }))).to.equal('username_taken')
    expect((await auth.users.update(root1, joko, { username: 'JOKO' })).username).to.equal('JOKO')
    const [own = ''] = (await auth.users.get(joko)).accounts
    const [warung, toko] = await Promise.all([accounts.create(root1, 'warung'), accounts.create(root1, 'toko')])
    const both = await auth.users.update(root1, joko, { accounts: [warung.id, toko.id] })
    expect(both.accounts).to.have.members([warung.id, toko.id])
    expect((await accounts.get(root1, own)).members).to.deep.equal([])
    expect(await problemOf(auth.users.update(root1, joko, { accounts: [newId()] }))).to.equal('account_unknown')

    const desk = ['users:read', 'users:write', 'accounts:read', 'demo:read', 'tokens:write']
    const { id } = await roles.create(root1, { name: 'desk', permissions: desk })
    const wati = await auth.addUser('wati', [id])
    await auth.users.update(root1, wati, { accounts: [warung.id] })
    const clerk = await as('wati')
    const set = (...ids: string[]) => problemOf(auth.users.update(clerk, joko, { accounts: ids }))
    expect(await set(warung.id), 'out of another account').to.equal('account_unknown')
    expect(await set(warung.id, toko.id, own), 'into another account').to.equal('account_unknown')
    expect(await set(toko.id)).to.equal('none')
    expect(await set(toko.id, warung.id)).to.equal('none')
  })

  it('shows where a user is signed in and when they were last, and ends it', async () => {
    const joko = await auth.addUser('joko')
    const wati = await auth.addUser('wati', ['admin'])
    expect((await auth.users.get(joko)).lastSignInAt).to.equal(null)
    const cookie = (await auth.signIn.login(await auth.client(), 'joko', longPassword)).cookie
    expect((await auth.users.get(joko)).lastSignInAt).to.equal(auth.clock.now().toISOString())
    const { items } = await auth.users.listSessions(root1, joko)
    expect(items.map(({ address, current }) => ({ address, current }))).to.deep.equal([
      { address: '192.0.2.1', current: false },
    ])
    expect(await problemOf(auth.users.listSessions(root1, newId()))).to.equal('not_found')
    expect(await problemOf(auth.users.endSessions(root1, newId()))).to.equal('not_found')
    const { id } = await roles.create(root1, { name: 'desk', permissions: ['users:read', 'users:write'] })
    await auth.addUser('siti', [id])
    expect(await problemOf(auth.users.endSessions(await as('siti'), wati))).to.equal('grant_too_wide')
    await auth.users.endSessions(root1, joko)
    expect((await auth.actor(cookie)).kind).to.equal('anonymous')
    const admin = await as('wati')
    await auth.users.endSessions(admin, wati)
    expect((await auth.users.listSessions(admin, wati)).items.map(({ current }) => current)).to.deep.equal([true])
  })

  it('counts who holds a role and what an account owns', async () => {
    const { id } = await roles.create(root1, { name: 'editor', permissions: ['demo:write'] })
    const users = async () => (await roles.list()).items.find(role => role.id === id)?.users
    expect(await users()).to.equal(0)
    await auth.addUser('siti', ['user', id])
    await auth.addUser('joko', [id])
    expect(await users()).to.equal(2)
    expect((await roles.get(id)).users).to.equal(2)
    const account = await accounts.create(root1, 'warung')
    expect(account.resources).to.equal(0)
    for (const thing of [newId(), newId()])
      await auth.state.transaction(trx => resources.create(trx, { id: thing, type: 'thing', accountId: account.id }))
    expect((await accounts.get(root1, account.id)).resources).to.equal(2)
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
