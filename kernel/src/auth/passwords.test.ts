import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Config } from '../config/config.js'
import { Passwords } from './passwords.js'
import { problemOf } from './testing.js'

describe('passwords', () => {
  let home: string
  let passwords: Passwords
  const config = (cost = 4) => ({ home, bcryptCost: cost }) as Config

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-passwords-'))
    passwords = new Passwords(config())
  })
  afterEach(async () => {
    await passwords.stop()
    await rm(home, { recursive: true, force: true })
  })

  it('verify, whole: what differs after 72 bytes or after NUL is another password', async () => {
    const long = 'x'.repeat(80)
    const hash = await passwords.hash(`${long}a`)
    expect(await passwords.verify(`${long}a`, hash, 'known')).to.equal(true)
    expect(await passwords.verify(`${long}b`, hash, 'known')).to.equal(false)
    const withNul = await passwords.hash('abc\0def')
    expect(await passwords.verify('abc', withNul, 'known')).to.equal(false)
    expect(await passwords.verify('abc\0xyz', withNul, 'known')).to.equal(false)
  })

  it('are worth nothing without this installation’s pepper', async () => {
    const hash = await passwords.hash('seven green umbrellas')
    expect((await stat(join(home, 'pepper'))).mode & 0o777).to.equal(0o600)
    await rm(join(home, 'pepper'))
    const elsewhere = new Passwords(config())
    expect(await elsewhere.verify('seven green umbrellas', hash, 'known')).to.equal(false)
    await elsewhere.stop()
  })

  it('take the same text in either Unicode form', async () => {
    const hash = await passwords.hash('caf\u00e9 di tepi pantai')
    expect(await passwords.verify('cafe\u0301 di tepi pantai', hash, 'known')).to.equal(true)
  })

  it('know an outdated work factor', async () => {
    const hash = await passwords.hash('seven green umbrellas')
    expect(passwords.outdated(hash)).to.equal(false)
    expect(new Passwords(config(5)).outdated(hash)).to.equal(true)
  })

  it('have a policy of length, commonness and name', async () => {
    const check = (password: string, totp = false) => problemOf(passwords.check(password, 'wati', totp))
    expect(await check('x9!kq2'.repeat(2))).to.equal('password_too_short')
    expect(await check('plum-7-owl', true)).to.equal('none')
    expect(await check('plum-7-', true)).to.equal('password_too_short')
    expect(await check('seven green umbrellas sing')).to.equal('none')
    expect(await check('ab'.repeat(129))).to.equal('password_too_long')
    expect(await check('\u{1F333}\u{1F30A}\u{1F6F6}\u{1F3DD}\u{1F308}'.repeat(3)), 'counted in characters').to.equal(
      'none',
    )
    expect(await check('my name is WATI, hello')).to.equal('password_contains_name')
    for (const common of ['password', 'qwertyuiop', 'iloveyou', 'Dragon123!', 'aaaaaaaaaa']) {
      expect(await check(common, true), common).to.equal('password_common')
    }
    expect(await check('passwordpassword')).to.equal('password_common')
    expect(await check('aaaaaaaaaaaaaaaaaaaa')).to.equal('password_common')
  })

  it('use no thread until needed, two at most, and leave strangers one', async () => {
    const fresh = new Passwords(config(10))
    expect(fresh.threads).to.equal(0)
    const hash = await fresh.hash('seven green umbrellas')
    await Promise.all([
      fresh.verify('seven green umbrellas', hash, 'known'),
      problemOf(fresh.verify('wrong', hash, 'guest')),
    ])
    expect(fresh.threads).to.equal(2)
    let served = 0
    const strangers = Array.from({ length: 40 }, async () => {
      const result = await problemOf(fresh.verify('wrong', hash, 'guest'))
      if (result !== 'sign_in_busy') served++
      return result
    })
    expect(await fresh.verify('seven green umbrellas', hash, 'known')).to.equal(true)
    expect(served, 'served before most of the queue of strangers').to.be.lessThan(9)
    expect(fresh.threads).to.equal(2)
    const results = await Promise.all(strangers)
    expect(results.filter(result => result === 'sign_in_busy').length).to.equal(40 - 17)
    await fresh.stop()
    expect(fresh.threads).to.equal(0)
  }).timeout(20_000)
})
