import { expect } from 'chai'
import { generateSync } from 'otplib'
import { AuditLog } from '../audit/audit-log.js'
import { describeState } from '../testing/state.js'
import { OwnPassword } from './own-password.js'
import { Rescue } from './rescue.js'
import { SecondFactor } from './second-factor.js'
import { AuthHarness, longPassword, problemOf, root1, TestClock } from './testing.js'

const codeAt = (secret: string, clock: TestClock) =>
  generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) })

describeState('sign-in', stores => {
  let auth: AuthHarness
  let factor: SecondFactor

  beforeEach(async () => {
    const state = await stores.open()
    const { home, databaseUrl } = stores.config()
    auth = new AuthHarness(state, home, { databaseUrl })
    factor = auth.container.resolve(SecondFactor)
    await auth.addUser('wati', ['admin'])
  })
  afterEach(() => auth.stop())

  const login = async (password = longPassword, cookie?: string) =>
    auth.signIn.login(await auth.client(cookie), 'Wati', password)

  const enrolled = async () => {
    const { cookie } = await login()
    const actor = await auth.actor(cookie)
    const { secret } = await factor.enrol(actor)
    const recoveryCodes = await factor.confirm(actor, codeAt(secret, auth.clock))
    auth.clock.advance(30_000)
    return { cookie, secret, recoveryCodes }
  }

  it('signs in with a cookie that only the panel itself can read', async () => {
    const { assurance, cookie } = await login()
    expect(assurance).to.equal('full')
    expect(cookie).to.match(/^__Host-nusa=[^;]+; Path=\/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict$/)
    expect(await auth.actor(cookie)).to.include({ name: 'wati', assurance: 'full', admin: true, kind: 'user' })
    expect((await auth.actor(cookie.replace('nusa=', 'nusa=x'))).kind).to.equal('anonymous')
    const stored = JSON.stringify(await auth.state.knex('sessions'))
    expect(stored).to.not.include(cookie.slice(12, 60))
  })

  it('answers the same to a wrong password, an unknown name and a disabled user', async () => {
    const id = await auth.addUser('joko')
    await auth.users.update(await adminActor(), id, { disabled: true })
    for (const [name, password] of [
      ['wati', 'wrong'],
      ['nobody', longPassword],
      ['joko', longPassword],
    ] as const) {
      expect(await problemOf(auth.signIn.login(await auth.client(), name, password))).to.equal('credentials_wrong')
    }
  })

  const adminActor = async () => auth.actor((await login()).cookie)

  it('asks for a code when there is a second factor, and gives nothing before', async () => {
    const { secret } = await enrolled()
    const first = await login()
    expect(first.assurance).to.equal('totp_required')
    const half = await auth.actor(first.cookie)
    expect(half).to.include({ assurance: 'totp_required', admin: false })
    expect(half.permissions.size + half.accounts.length).to.equal(0)
    expect(await problemOf(() => auth.access.require(half, 'authenticated'))).to.equal('totp_required')
    expect(
      await problemOf(auth.signIn.reauthenticate(await auth.client(first.cookie), { password: longPassword })),
    ).to.equal('sign_in_step_unexpected')
    expect(await problemOf(auth.signIn.totp(await auth.client(first.cookie), '000000'))).to.equal('code_wrong')
    const second = await auth.signIn.totp(await auth.client(first.cookie), codeAt(secret, auth.clock))
    expect(second.assurance).to.equal('full')
    expect((await auth.actor(first.cookie)).kind, 'the half session is gone').to.equal('anonymous')
    expect((await auth.actor(second.cookie)).assurance).to.equal('full')
  })

  it('lets one of 50 simultaneous submissions of one code in', async () => {
    const { secret } = await enrolled()
    const cookies = await Promise.all(Array.from({ length: 50 }, async () => (await login()).cookie))
    const code = codeAt(secret, auth.clock)
    const clients = await Promise.all(cookies.map(cookie => auth.client(cookie)))
    const results = await Promise.all(clients.map(client => problemOf(auth.signIn.totp(client, code))))
    expect(results.filter(result => result === 'none')).to.have.length(1)
    expect(results.filter(result => result === 'code_wrong')).to.have.length(49)
  }).timeout(20_000)

  it('lets one of 50 simultaneous submissions of one session in', async () => {
    const { secret } = await enrolled()
    const client = await auth.client((await login()).cookie)
    const code = codeAt(secret, auth.clock)
    const results = await Promise.all(Array.from({ length: 50 }, () => problemOf(auth.signIn.totp(client, code))))
    expect(results.filter(result => result === 'none')).to.have.length(1)
  }).timeout(20_000)

  it('takes each recovery code once', async () => {
    const { recoveryCodes } = await enrolled()
    expect(recoveryCodes).to.have.length(10)
    const [code = ''] = recoveryCodes
    const twice = await Promise.all(
      [await login(), await login()].map(async ({ cookie }) =>
        problemOf(auth.signIn.totp(await auth.client(cookie), code.toUpperCase())),
      ),
    )
    expect(twice.sort()).to.deep.equal(['code_wrong', 'none'])
    const { id } = await auth.state.knex('users').first('id')
    const owner = { ...(await auth.actor()), kind: 'user', userId: id } as const
    expect(await factor.describe(owner)).to.deep.equal({ active: true, recoveryCodes: 9 })
    expect(JSON.stringify(await auth.state.knex('recovery_codes'))).to.not.include(code.replaceAll('-', ''))
  })

  it('accepts a code one step early or late and none twice, nor an older one after a newer', async () => {
    const { secret } = await enrolled()
    const earlier = codeAt(secret, auth.clock)
    auth.clock.advance(30_000)
    const now = codeAt(secret, auth.clock)
    await auth.signIn.totp(await auth.client((await login()).cookie), now)
    for (const code of [now, earlier]) {
      expect(await problemOf(auth.signIn.totp(await auth.client((await login()).cookie), code))).to.equal('code_wrong')
    }
    auth.clock.advance(120_000)
    expect(await problemOf(auth.signIn.totp(await auth.client((await login()).cookie), now))).to.equal('code_wrong')
  })

  it('keeps the TOTP secret sealed', async () => {
    const { secret } = await enrolled()
    expect(JSON.stringify(await auth.state.knex('users'))).to.not.include(secret)
    expect(JSON.stringify(await auth.state.knex('audit_entries'))).to.not.include(secret)
  })

  it('changes the session id at sign-in and at re-authentication', async () => {
    const first = await login()
    const second = await login(longPassword, first.cookie)
    expect((await auth.actor(first.cookie)).kind).to.equal('anonymous')
    const third = await auth.signIn.reauthenticate(await auth.client(second.cookie), { password: longPassword })
    const [before, after] = [await auth.actor(second.cookie), await auth.actor(third.cookie)]
    expect(before.kind).to.equal('anonymous')
    expect(after.assurance).to.equal('full')
    expect(new Set([first, second, third].map(each => each.csrfToken)).size).to.equal(3)
  })

  it('asks for a proof again after 10 minutes, and takes a TOTP code for one', async () => {
    const { cookie, secret } = await enrolled()
    expect(await problemOf(async () => auth.access.require(await auth.actor(cookie), 'users:write'))).to.equal('none')
    auth.clock.advance(10 * 60_000)
    expect(await problemOf(async () => auth.access.require(await auth.actor(cookie), 'users:write'))).to.equal(
      'reauthentication_required',
    )
    expect(await problemOf(async () => auth.access.require(await auth.actor(cookie), 'users:read'))).to.equal('none')
    expect(await problemOf(auth.signIn.reauthenticate(await auth.client(cookie), { password: 'wrong' }))).to.equal(
      'credentials_wrong',
    )
    expect(await problemOf(auth.signIn.reauthenticate(await auth.client(cookie), {}))).to.equal('code_wrong')
    const fresh = await auth.signIn.reauthenticate(await auth.client(cookie), { code: codeAt(secret, auth.clock) })
    expect(await problemOf(async () => auth.access.require(await auth.actor(fresh.cookie), 'users:write'))).to.equal(
      'none',
    )
  })

  it('ends sessions by idling, by age, by revoking, by disabling and by logging out', async () => {
    const idle = await login()
    auth.clock.advance(2 * 3_600_000)
    expect((await auth.actor(idle.cookie)).kind).to.equal('anonymous')

    let used = await login()
    for (let hour = 0; hour < 23; hour++) {
      auth.clock.advance(3_600_000)
      expect((await auth.actor(used.cookie)).assurance).to.equal('full')
    }
    used = await auth.signIn.reauthenticate(await auth.client(used.cookie), { password: longPassword })
    auth.clock.advance(3_600_000)
    expect((await auth.actor(used.cookie)).kind, 're-authentication does not lengthen the day').to.equal('anonymous')

    const gone = await login()
    expect(await auth.signIn.logout(await auth.client(gone.cookie))).to.match(/^__Host-nusa=; .*Max-Age=0/)
    expect((await auth.actor(gone.cookie)).kind).to.equal('anonymous')

    const id = await auth.addUser('siti')
    const { cookie } = await auth.signIn.login(await auth.client(), 'siti', longPassword)
    await auth.users.update(await adminActor(), id, { disabled: true })
    expect((await auth.actor(cookie)).kind).to.equal('anonymous')
    await auth.users.update(await adminActor(), id, { disabled: false })
    expect((await auth.actor(cookie)).kind, 'a revived user signs in anew').to.equal('anonymous')
  })

  it('ends the other sessions when the password changes', async () => {
    const [mine, other] = [await login(), await login()]
    const change = auth.container.resolve(OwnPassword)
    expect(
      await problemOf(change.change(await auth.client(mine.cookie), 'wrong', 'eleven paper boats drift')),
    ).to.equal('credentials_wrong')
    const cookie = await change.change(await auth.client(mine.cookie), longPassword, 'eleven paper boats drift')
    expect((await auth.actor(cookie)).assurance).to.equal('full')
    for (const old of [mine, other]) expect((await auth.actor(old.cookie)).kind).to.equal('anonymous')
    expect(await problemOf(login())).to.equal('credentials_wrong')
    expect((await login('eleven paper boats drift')).assurance).to.equal('full')
  })

  it('keeps a short password from standing alone', async () => {
    const { cookie } = await enrolled()
    const change = auth.container.resolve(OwnPassword)
    const next = await change.change(await auth.client(cookie), longPassword, 'kapal-7!')
    const { userId = '', ...self } = await auth.actor(next)
    const refused = 'password_needs_second_factor'
    expect(await problemOf(factor.disable({ ...self, userId }))).to.equal(refused)
    expect(await problemOf(auth.users.removeTotp(root1, userId)), 'by an administrator').to.equal(refused)
    const rescue = auth.container.resolve(Rescue)
    expect(await problemOf(rescue.disableTotp('wati')), 'from the command line').to.equal(refused)
    expect((await login('kapal-7!')).assurance).to.equal('totp_required')
    await rescue.resetPassword('wati', longPassword)
    await rescue.disableTotp('wati')
    expect((await login()).assurance).to.equal('full')
  })

  it('can always be rescued from the command line', async () => {
    const { cookie } = await enrolled()
    const rescue = auth.container.resolve(Rescue)
    await rescue.disableTotp('WATI')
    expect((await auth.actor(cookie)).kind).to.equal('anonymous')
    await rescue.resetPassword('wati', 'nine clouds over the harbour')
    expect((await login('nine clouds over the harbour')).assurance).to.equal('full')
    expect(await problemOf(rescue.resetPassword('wati', 'short'))).to.equal('password_too_short')
    expect(await problemOf(rescue.disableTotp('nobody'))).to.equal('not_found')
  })

  it('records what happened, without what people typed', async () => {
    await problemOf(auth.signIn.login(await auth.client(), 'my-secret-typed-as-name', 'p4ss-typed'))
    await enrolled()
    const text = JSON.stringify(await auth.state.knex('audit_entries').select('body'))
    expect(text).to.not.match(/my-secret-typed|p4ss-typed|seven green/)
    const { items } = await auth.container.resolve(AuditLog).list({}, { limit: 50 })
    expect(items.map(item => `${item.action} ${item.outcome}`)).to.include.members([
      'auth.login failure',
      'auth.login success',
      'auth.totp.enroll success',
      'auth.totp.confirm success',
    ])
    expect(await auth.container.resolve(AuditLog).verify()).to.include({ ok: true })
  })
})
