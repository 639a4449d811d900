import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { State } from '../state/state.js'
import { Rescue } from './rescue.js'
import { Setup } from './setup.js'
import { AuthHarness, longPassword, problemOf } from './testing.js'

describe('setup', () => {
  let home: string
  let state: State
  let auth: AuthHarness
  let setup: Setup

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-setup-'))
    state = await State.open({ home })
    await state.migrate()
    auth = new AuthHarness(state, home)
    setup = auth.container.resolve(Setup)
  })
  afterEach(async () => {
    await auth.stop()
    await state.close()
    await rm(home, { recursive: true, force: true })
  })

  const complete = async (token: string, username = 'wati', password = longPassword) =>
    setup.complete(await auth.client(), { token, username, password, locale: 'id' })

  it('makes the first administrator with the token of the console, once', async () => {
    expect(await setup.required()).to.equal(true)
    const url = (await setup.url(8443)) ?? ''
    const token = url.split('#token=')[1] ?? ''
    expect((await stat(join(home, 'setup-token'))).mode & 0o777).to.equal(0o600)
    expect((await readFile(join(home, 'setup-token'), 'utf8')).trim()).to.equal(token)
    expect(await setup.url(8443), 'the same after a restart').to.equal(url)
    const { cookie, assurance } = await complete(token)
    expect(assurance).to.equal('full')
    expect(await auth.actor(cookie)).to.include({ name: 'wati', admin: true, locale: 'id' })
    expect(await setup.required()).to.equal(false)
    expect(await setup.url(8443)).to.equal(undefined)
    expect(await problemOf(complete(token, 'second'))).to.equal('setup_token_wrong')
    expect(await state.knex('preferences').select('name', 'value')).to.deep.equal([{ name: 'welcome', value: '[]' }])
    await complete(await setup.createToken(), 'second')
    expect(await state.knex('preferences'), 'only the first sets the server up').to.have.length(1)
    expect((await readdir(home)).filter(name => name.startsWith('setup-token'))).to.deep.equal([])
  })

  it('refuses without a token, with a wrong one, and before any was made', async () => {
    expect(await problemOf(complete(''))).to.equal('setup_token_wrong')
    await setup.ensureToken()
    for (const token of ['', 'wrong', 'x'.repeat(32)])
      expect(await problemOf(complete(token))).to.equal('setup_token_wrong')
    expect(await state.knex('users')).to.have.length(0)
  })

  it('keeps the token when the rest of the input is refused', async () => {
    const token = (await setup.ensureToken()) ?? ''
    expect(await problemOf(complete(token, 'wati', 'short'))).to.equal('password_too_short')
    expect((await complete(token)).assurance).to.equal('full')
  })

  it('makes one administrator of 20 that arrive with one token', async () => {
    const token = (await setup.ensureToken()) ?? ''
    const all = Array.from({ length: 20 }, (_, index) => problemOf(complete(token, `admin-${index}`)))
    const results = await Promise.all(all)
    expect(results.filter(result => result === 'none')).to.have.length(1)
    expect(await state.knex('users')).to.have.length(1)
  })

  it('lets root make another administrator later', async () => {
    await complete((await setup.ensureToken()) ?? '')
    const token = await auth.container.resolve(Rescue).createSetupToken()
    expect((await complete(token, 'second')).assurance).to.equal('full')
    expect(await setup.required()).to.equal(false)
  })
})
