import type { Actor } from '@nusantara/sdk'
import { expect } from 'chai'
import { describeState } from '../testing/state.js'
import { ApiTokens } from './api-tokens.js'
import { Authenticator } from './authenticator.js'
import { OwnPassword } from './own-password.js'
import { Rescue } from './rescue.js'
import { AuthHarness, longPassword, problemOf, root1 } from './testing.js'

describeState('API tokens', stores => {
  let auth: AuthHarness
  let tokens: ApiTokens
  let admin: Actor
  let adminId: string
  let cookie: string

  beforeEach(async () => {
    auth = new AuthHarness(await stores.open(), stores.config().home)
    auth.access.define('demo', {
      'demo:read': { user: true },
      'demo:write': { risk: 'high', user: true },
      'demo:admin': {},
    })
    tokens = auth.container.resolve(ApiTokens)
    adminId = await auth.addUser('wati', ['admin'])
    cookie = (await auth.signIn.login(await auth.client(), 'wati', longPassword)).cookie
    admin = await auth.actor(cookie)
  })
  afterEach(() => auth.stop())

  const use = (token: string) =>
    auth.container
      .resolve(Authenticator)
      .identify({ authorization: `Bearer ${token}`, cookie: cookie.split(';')[0], address: '192.0.2.1' })

  it('do what they were made for and no more, even an administrator’s', async () => {
    const { token, id } = await tokens.create(admin, { name: 'ci', permissions: ['demo:read'] })
    expect(token).to.match(/^nusa_[\w-]{43}$/)
    const actor = await use(token)
    expect(actor).to.include({ kind: 'token', id, userId: adminId, assurance: 'full', name: 'wati/ci' })
    expect([...actor.permissions]).to.deep.equal(['demo:read'])
    expect(await problemOf(() => auth.access.require(actor, 'demo:write'))).to.equal('forbidden')
    expect(JSON.stringify(await auth.state.knex('api_tokens'))).to.not.include(token)
  })

  it('reach high risk by name only, not by *', async () => {
    const wide = await use((await tokens.create(admin, { name: 'wide', permissions: ['*'] })).token)
    expect(auth.access.allows(wide, 'demo:admin')).to.equal(true)
    expect(auth.access.allows(wide, 'demo:write')).to.equal(false)
    expect(auth.access.allows(wide, 'users:write')).to.equal(false)
    const named = await use((await tokens.create(admin, { name: 'named', permissions: ['*', 'demo:write'] })).token)
    expect(auth.access.allows(named, 'demo:write')).to.equal(true)
  })

  it('shrink with their maker and die with them', async () => {
    const userId = await auth.addUser('joko')
    const joko = await auth.actor((await auth.signIn.login(await auth.client(), 'joko', longPassword)).cookie)
    expect(await problemOf(tokens.create(joko, { name: 'x', permissions: ['demo:admin'] }))).to.equal(
      'token_scope_too_wide',
    )
    const { token } = await tokens.create(joko, { name: 'x', permissions: ['demo:read', '*'] })
    expect([...(await use(token)).permissions].sort()).to.deep.equal(['accounts:read', 'demo:read'])
    await auth.users.update(admin, userId, { roles: [] })
    expect([...(await use(token)).permissions]).to.deep.equal([])
    await auth.users.update(admin, userId, { disabled: true })
    expect((await use(token)).kind).to.equal('anonymous')
  })

  it('end when somebody else has to set the password, for who knew the old one could have made them', async () => {
    const make = () => tokens.create(admin, { name: 'kept', permissions: ['demo:read'], expiresAt: null })
    const first = await make()
    await auth.users.setPassword(root1, adminId, 'nine clouds over the harbour')
    expect((await use(first.token)).kind).to.equal('anonymous')
    const second = await make()
    await auth.container.resolve(Rescue).resetPassword('wati', longPassword)
    expect((await use(second.token)).kind).to.equal('anonymous')
  })

  it('expire, are revoked, and are never mistaken for the cookie beside them', async () => {
    const dated = await tokens.create(admin, { name: 'dated', permissions: ['demo:read'] })
    auth.clock.advance(91 * 86_400_000)
    expect((await use(dated.token)).kind).to.equal('anonymous')
    const { token, id } = await tokens.create(admin, { name: 'gone', permissions: ['demo:read'], expiresAt: null })
    expect((await use(token)).kind).to.equal('token')
    await tokens.remove(admin, id)
    expect((await use(token)).kind).to.equal('anonymous')
    expect((await use('nusa_wrong')).kind).to.equal('anonymous')
    expect(
      await problemOf(
        tokens.create(admin, { name: 'past', permissions: ['demo:read'], expiresAt: '2020-01-01T00:00:00Z' }),
      ),
    ).to.equal('token_expiry_past')
  })

  it('belong to their maker', async () => {
    const { id } = await tokens.create(admin, { name: 'mine', permissions: ['demo:read'] })
    await auth.addUser('joko')
    const joko = await auth.actor((await auth.signIn.login(await auth.client(), 'joko', longPassword)).cookie)
    expect(await problemOf(tokens.remove(joko, id))).to.equal('not_found')
    expect((await tokens.list(joko)).items).to.deep.equal([])
    expect(await problemOf(tokens.create(admin, { name: 'mine', permissions: ['demo:read'] }))).to.equal(
      'token_name_taken',
    )
  })

  it('make no tokens and change no passwords', async () => {
    const { token } = await tokens.create(admin, { name: 'maker', permissions: ['tokens:write'] })
    const actor = await use(token)
    expect(await problemOf(tokens.create(actor, { name: 'child', permissions: ['tokens:write'] }))).to.equal(
      'session_needed',
    )
    const client = { actor, address: '192.0.2.1' }
    expect(
      await problemOf(auth.container.resolve(OwnPassword).change(client, longPassword, 'another long password')),
    ).to.equal('session_needed')
  })
})
