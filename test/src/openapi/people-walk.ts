import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { codeOf } from '../journeys/totp.js'
import { ask, refuse } from './ask.js'

const password = 'kettle drum on a rainy roof'

/** Accounts, roles, users and tokens, from their making to their end. */
export async function askForPeople(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  const account = await ask(admin, 'POST /accounts', { name: 'Walkers' })
  const role = await ask(admin, 'POST /roles', { name: 'walker', permissions: ['jobs:read'] })
  const user = await ask(admin, 'POST /users', {
    username: 'walker',
    password,
    roles: [role.id],
    accounts: [account.id],
  })
  await ask(admin, `PATCH /accounts/${account.id}`, { name: 'Walking', members: [user.id] })
  await ask(admin, `PATCH /roles/${role.id}`, { description: 'Walks' })
  await ask(admin, `PATCH /users/${user.id}`, { locale: 'id' })
  const paths = [`accounts/${account.id}`, `roles/${role.id}`, `users/${user.id}`]
  for (const path of ['accounts', 'roles', 'roles/permissions', 'users', ...paths]) await ask(admin, `GET /${path}`)
  await ask(admin, `GET /users/${user.id}/sessions`)
  await ask(admin, `DELETE /users/${user.id}/sessions`)
  await ask(admin, `POST /users/${user.id}/password`, { password })
  await ask(admin, `DELETE /users/${user.id}/totp`)
  await refuse(admin, 'POST /users', 409, { username: 'Walker', password })
  await refuse(admin, `DELETE /roles/${role.id}`, 409)
  for (const path of paths.toReversed()) await ask(admin, `DELETE /${path}`)
  const token = await ask(admin, 'POST /tokens', { name: 'walk', permissions: ['jobs:read'] })
  await ask(admin, 'GET /tokens')
  await ask(admin, `DELETE /tokens/${token.id}`)
}

/** One person's way through sign-in, from the setup link to the end of their last session. */
export async function askForSignIn(panel: TestPanel): Promise<void> {
  const person = panel.as('nobody')
  const credentials = { username: 'pejalan', password }
  await refuse(person, 'POST /setup', 403, { token: 'wrong', ...credentials })
  await writeFile(join(panel.home, 'setup-token'), 'walk-in\n', { mode: 0o600 })
  await ask(person, 'POST /setup', { token: 'walk-in', ...credentials })
  await ask(person, 'GET /auth/session')
  await ask(person, 'POST /auth/reauthenticate', { password })
  const { secret } = await ask(person, 'POST /auth/totp/enroll')
  await ask(person, 'POST /auth/totp/confirm', { code: codeOf(secret) })
  for (const path of ['permissions', 'password', 'totp']) await ask(person, `GET /auth/${path}`)
  const { recoveryCodes } = await ask(person, 'POST /auth/recovery-codes')
  await ask(person, 'POST /auth/logout')
  await refuse(person, 'GET /auth/sessions', 401)
  await ask(person, 'POST /auth/login', credentials)
  await refuse(person, 'GET /auth/sessions', 401)
  await ask(person, 'POST /auth/totp', { code: recoveryCodes[0] })
  await ask(person, 'POST /auth/password', { current: password, password: `${password} again` })
  await ask(person, 'DELETE /auth/totp')
  await ask(person, 'DELETE /auth/sessions')
  const { items } = await ask(person, 'GET /auth/sessions')
  await ask(person, `DELETE /auth/sessions/${items[0].id}`)
}
