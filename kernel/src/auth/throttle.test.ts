import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { State } from '../state/state.js'
import { addressKey } from './address.js'
import { AuthHarness, longPassword, problemOf } from './testing.js'
import { blockSeconds } from './throttle.js'

describe('throttled sign-in', () => {
  let home: string
  let state: State
  let auth: AuthHarness

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-throttle-'))
    state = await State.open({ home })
    await state.migrate()
    auth = new AuthHarness(state, home, { throttled: true })
    await auth.addUser('wati', ['admin'])
  })
  afterEach(async () => {
    await auth.stop()
    await state.close()
    await rm(home, { recursive: true, force: true })
  })

  const login = async (username: string, password: string, address: string) =>
    auth.signIn.login(await auth.client(undefined, address), username, password)
  const waitOf = async (run: Promise<unknown>): Promise<number> => {
    try {
      await run
      return 0
    } catch (error) {
      return Number((error as { params?: { seconds?: number } }).params?.seconds ?? 0)
    }
  }

  it('looks at 5 wrong passwords, then at none, and records the block once', async () => {
    const results: string[] = []
    for (let attempt = 0; attempt < 20; attempt++) results.push(await problemOf(login('wati', 'wrong', '192.0.2.9')))
    expect(results.slice(0, 5)).to.deep.equal(Array(5).fill('credentials_wrong'))
    expect(new Set(results.slice(5))).to.deep.equal(new Set(['too_many_attempts']))
    expect(await state.knex('audit_entries').where({ action: 'auth.login', outcome: 'refused' })).to.have.length(1)
  })

  it('lets no more through when all arrive at once', async () => {
    const all = Array.from({ length: 100 }, () => problemOf(login('wati', 'wrong', '192.0.2.9')))
    const results = await Promise.all(all)
    expect(results.filter(result => result === 'credentials_wrong')).to.have.length(5)
  })

  it('keeps an administrator at the usual address signing in while strangers try', async () => {
    await login('wati', longPassword, '198.51.100.7')
    for (let stranger = 0; stranger < 40; stranger++) await problemOf(login('wati', 'wrong', `203.0.113.${stranger}`))
    expect(await problemOf(login('wati', longPassword, '203.0.113.99')), 'a stranger waits').to.equal(
      'too_many_attempts',
    )
    for (let time = 0; time < 10; time++) {
      expect((await login('wati', longPassword, '198.51.100.7')).assurance).to.equal('full')
    }
  })

  it('lets one attacker close an account to nobody but themselves', async () => {
    for (let attempt = 0; attempt < 200; attempt++) await problemOf(login('wati', 'wrong', '203.0.113.1'))
    expect(await problemOf(login('wati', 'wrong', '203.0.113.1'))).to.equal('too_many_attempts')
    expect((await login('wati', longPassword, '198.51.100.8')).assurance, 'from a place never seen').to.equal('full')
  })

  it('says how long to wait', async () => {
    for (let attempt = 0; attempt < 5; attempt++) await problemOf(login('wati', 'wrong', '192.0.2.9'))
    expect(await waitOf(login('wati', 'wrong', '192.0.2.9'))).to.equal(15)
    expect(await waitOf(login('wati', longPassword, '192.0.2.9')), 'the right one waits too').to.be.within(14, 15)
  })

  it('doubles the wait with each block, up to 15 minutes', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map(blockSeconds)).to.deep.equal([15, 30, 60, 120, 240, 480, 900, 900, 900])
  })

  it('counts one IPv6 customer as one', async () => {
    for (let host = 1; host <= 40; host++)
      await problemOf(login(`user-${host}`, 'wrong', `2001:db8:1:2::${host.toString(16)}`))
    expect(await problemOf(login('someone', 'wrong', '2001:db8:1:2:ffff::1'))).to.equal('too_many_attempts')
    expect(await problemOf(login('someone', 'wrong', '2001:db8:1:3::1'))).to.equal('credentials_wrong')
  })

  for (const addresses of [1, 1000]) {
    it(`refuses 10,000 wrong logins from ${addresses} addresses cheaply, and serves an administrator meanwhile`, async () => {
      await login('wati', longPassword, '198.51.100.7')
      const cookie = (await login('wati', longPassword, '198.51.100.7')).cookie
      let done = false
      const flood = Promise.all(
        Array.from({ length: 20 }, async (_, worker) => {
          for (let attempt = worker; attempt < 10_000; attempt += 20) {
            // Each request comes in a turn of its own, as from a socket.
            await nextTurn()
            const number = attempt % addresses
            await problemOf(
              login(addresses === 1 ? 'wati' : `user-${attempt}`, 'wrong', `10.0.${number >> 8}.${number & 255}`),
            )
          }
        }),
      ).then(() => {
        done = true
      })
      const waits: number[] = []
      while (!done) {
        await nextTurn()
        const start = performance.now()
        expect((await auth.actor(cookie)).assurance).to.equal('full')
        if (waits.length < 20) expect((await login('wati', longPassword, '198.51.100.7')).assurance).to.equal('full')
        waits.push(performance.now() - start)
      }
      await flood
      waits.sort((a, b) => a - b)
      expect(waits[Math.floor(waits.length * 0.95)]).to.be.below(500)
    }).timeout(240_000)
  }

  it('counts wrong codes of the second step too', async () => {
    await state.knex('users').update({ totp_secret: 'sealed' })
    const client = await auth.client((await login('wati', longPassword, '192.0.2.1')).cookie)
    const results: string[] = []
    for (let attempt = 0; attempt < 8; attempt++)
      results.push(await problemOf(auth.signIn.totp(client, 'abcd-abcd-abcd')))
    expect(results.filter(result => result === 'too_many_attempts')).to.have.length(3)
  })
})

describe('addressKey', () => {
  it('is the address for IPv4 and the /64 for IPv6', () => {
    const keys = [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '2001:db8::1',
      '2001:db8:0:0:1::',
      '2001:DB8:0:0:ffff:1:2:3',
      '::1',
      'fe80::1%eth0',
    ]
    expect(keys.map(addressKey)).to.deep.equal([
      '192.0.2.1',
      '192.0.2.1',
      '2001:db8:0:0::/64',
      '2001:db8:0:0::/64',
      '2001:db8:0:0::/64',
      '0:0:0:0::/64',
      'fe80:0:0:0::/64',
    ])
  })
})
