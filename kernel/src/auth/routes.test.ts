import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema } from '@nusantara/sdk'
import { expect } from 'chai'
import { AuditRoutes } from '../audit/audit.routes.js'
import * as auditErrors from '../audit/errors.js'
import { Content } from '../http/content.js'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { AccountsRoutes } from '../rbac/accounts.routes.js'
import * as rbacErrors from '../rbac/errors.js'
import { RolesRoutes } from '../rbac/roles.routes.js'
import { UsersRoutes } from '../rbac/users.routes.js'
import { State } from '../state/state.js'
import { ApiTokensRoutes } from './api-tokens.routes.js'
import * as authErrors from './errors.js'
import { OwnFactsRoutes } from './own-facts.routes.js'
import { OwnSignInRoutes } from './own-sign-in.routes.js'
import { Setup } from './setup.js'
import { SignInRoutes } from './sign-in.routes.js'
import { AuthHarness, longPassword, problemOf } from './testing.js'

describe('routes of sign-in, access and audit', () => {
  let home: string
  let state: State
  let auth: AuthHarness
  let registry: RouteRegistry
  let cookie: string | undefined

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-routes-'))
    state = await State.open({ home })
    await state.migrate()
    auth = new AuthHarness(state, home, { permissions: false })
    registry = auth.container.resolve(RouteRegistry)
    const areas = [
      SignInRoutes,
      OwnSignInRoutes,
      OwnFactsRoutes,
      ApiTokensRoutes,
      UsersRoutes,
      RolesRoutes,
      AccountsRoutes,
      AuditRoutes,
    ]
    for (const area of areas) auth.container.resolve<{ register(to: RouteRegistry): void }>(area).register(registry)
  })
  after(async () => {
    await auth.stop()
    await state.close()
    await rm(home, { recursive: true, force: true })
  })

  const accepted = (schema: Schema<unknown> | undefined, value: unknown) => {
    const result = schema?.validate(value, { convert: false })
    expect(result?.error?.message).to.equal(undefined)
    return result?.value as unknown
  }

  /** Calls a handler as the server does: checked permission, validated input, and an answer that fits its schema. */
  const call = async (operation: string, input: { params?: object; query?: object; body?: object } = {}) => {
    const route = registry.list().find(each => each.operation === operation)
    if (!route) throw new Error(`no route ${operation}`)
    const actor = await auth.actor(cookie)
    auth.access.require(actor, route.permission)
    const request = {
      id: 'request-1',
      operation,
      actor,
      params: accepted(route.params, input.params ?? {}),
      query: accepted(route.query, input.query ?? {}),
      body: accepted(route.body, input.body ?? {}),
      signal: new AbortController().signal,
      dryRun: false,
      userAgent: 'test',
      address: '192.0.2.1',
      locale: 'en',
      setCookie: (value: string) => {
        cookie = value
      },
      header: () => undefined,
    } as KernelRequest
    const result = await route.handler(request)
    if (result !== undefined && !(result instanceof Content))
      accepted(route.response, JSON.parse(JSON.stringify(result)))
    return result as Record<string, never>
  }

  it('set the panel up, sign out and in, and say who is there', async () => {
    expect(await call('setup.state')).to.deep.equal({ required: true })
    expect(await call('auth.session')).to.deep.equal({ user: null, permissions: [], assurance: 'none', csrfToken: '' })
    const token = await auth.container.resolve(Setup).ensureToken()
    const body = { token, username: 'wati', password: longPassword, locale: 'id' }
    expect(await call('setup.complete', { body })).to.have.keys(['assurance', 'csrfToken'])
    await call('auth.logout')
    expect(cookie).to.match(/Max-Age=0/)
    const signedIn = await call('auth.login', { body: { username: 'wati', password: longPassword } })
    const session = await call('auth.session')
    expect(session).to.deep.include({ assurance: 'full', csrfToken: signedIn.csrfToken })
    expect(session.user).to.include({ username: 'wati', locale: 'id', admin: true, totp: false })
    expect(session.permissions).to.include.members(['*', 'users:write', 'audit:read'])
  })

  it('enrol a second factor and show what an authenticator needs', async () => {
    const enrolment = await call('auth.totp.enroll')
    expect(enrolment.uri).to.match(/^otpauth:\/\/totp\/Nusantara%20Panel:wati\?/)
    expect(enrolment.qr).to.have.length.greaterThan(20)
    const confirm = () => problemOf(call('auth.totp.confirm', { body: { code: '000000' } }))
    expect(await confirm()).to.equal('code_wrong')
    auth.clock.advance(11 * 60_000)
    for (const operation of ['auth.totp.enroll', 'auth.totp.disable', 'auth.recoveryCodes'])
      expect(await problemOf(call(operation)), operation).to.equal('reauthentication_required')
    expect(await confirm()).to.equal('reauthentication_required')
    await call('auth.reauthenticate', { body: { password: longPassword } })
    expect(await confirm()).to.equal('code_wrong')
  })

  it('tell what a person may and what a new password needs', async () => {
    const held = (await call('auth.permissions')).items as unknown as { name: string; risk: string }[]
    expect(held.find(({ name }) => name === 'users:write')).to.include({ risk: 'high' })
    expect(await call('auth.passwordRules')).to.deep.equal({ min: 15, minWithTotp: 8, max: 256 })
    expect(await call('auth.totp.state')).to.deep.equal({ active: false, recoveryCodes: 0 })
  })

  it('manage users, roles, accounts and tokens', async () => {
    const role = await call('roles.create', { body: { name: 'reader', permissions: ['users:read'] } })
    const user = await call('users.create', { body: { username: 'joko', password: longPassword, roles: [role.id] } })
    await call('users.update', { params: { id: user.id }, body: { locale: 'id' } })
    await call('users.setPassword', { params: { id: user.id }, body: { password: 'nine clouds over the harbour' } })
    expect((await call('users.list', { query: { limit: 10 } })).items).to.have.length(2)
    expect((await call('roles.list')).items).to.have.length(3)
    await call('roles.permissions')
    const account = await call('accounts.create', { body: { name: 'Warung' } })
    const changed = await call('accounts.update', { params: { id: account.id }, body: { members: [user.id] } })
    expect(changed.members).to.deep.equal([user.id])
    const token = await call('tokens.create', { body: { name: 'ci', permissions: ['users:read'] } })
    expect((await call('tokens.list')).items).to.have.length(1)
    await call('tokens.delete', { params: { id: token.id } })
    await call('users.delete', { params: { id: user.id } })
    await call('roles.delete', { params: { id: role.id } })
    expect(await problemOf(call('users.get', { params: { id: user.id } }))).to.equal('not_found')
  })

  it('list, revoke and prove sessions', async () => {
    const { items } = await call('auth.sessions')
    expect(items).to.have.length(1)
    await call('auth.reauthenticate', { body: { password: longPassword } })
    await call('auth.sessions.revokeOthers')
    expect(await problemOf(call('auth.sessions.revoke', { params: { id: 'somebody-else' } }))).to.equal('not_found')
  })

  it('show, verify, sign and export the audit log', async () => {
    const page = await call('audit.list', { query: { limit: 5, action: 'users.create' } })
    expect(page.items).to.have.length(1)
    const checkpoint = await call('audit.checkpoint')
    expect(await call('audit.verify')).to.include({ ok: true })
    expect(await call('audit.verifyAgainst', { body: { checkpoint } })).to.include({ ok: true })
    const exported: unknown = await call('audit.export')
    if (!(exported instanceof Content)) throw new Error('not a stream')
    let lines = 0
    for await (const piece of exported.body as AsyncIterable<string>)
      for (const line of piece.trimEnd().split('\n')) lines += Number(JSON.parse(line).seq > 0)
    expect(lines).to.equal((await call('audit.verify')).entries)
  })

  it('refuse names, passwords and codes of the wrong form', () => {
    const body = (operation: string) => registry.list().find(route => route.operation === operation)?.body
    const create = { password: longPassword, locale: 'en', roles: [] }
    for (const username of ['', '-rf', 'a b', 'wati\n', 'wаti', '../etc', 'x'.repeat(65), 'a"b', null, 7]) {
      expect(body('users.create')?.validate({ ...create, username }).error, String(username)).to.not.equal(undefined)
    }
    expect(body('auth.reauthenticate')?.validate({}).error).to.not.equal(undefined)
    expect(body('auth.login')?.validate({ username: 'a', password: 'b', admin: true }).error).to.not.equal(undefined)
  })

  it('have a text and a remedy for every problem, in both languages, with the same keys', async () => {
    const catalogues = new Catalogues()
    for (const problem of Object.values({ ...auditErrors, ...rbacErrors, ...authErrors })) {
      for (const key of [`problem.${problem.code}`, `problem.${problem.code}.remedy`]) {
        for (const locale of ['en', 'id']) expect(catalogues.has(locale, key), `${locale} ${key}`).to.equal(true)
      }
    }
    const directory = new URL('../../locales/', import.meta.url)
    for (const area of ['auth', 'rbac', 'audit']) {
      const files = (await readdir(directory)).filter(file => file.startsWith(`${area}.`))
      const keys = await Promise.all(
        files.map(async file => Object.keys(JSON.parse(await readFile(new URL(file, directory), 'utf8')))),
      )
      expect(keys).to.have.length(2)
      expect(keys[0]).to.deep.equal(keys[1])
    }
  })
})
