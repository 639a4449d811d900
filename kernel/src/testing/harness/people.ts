import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { TestClient, TestPanel } from '@nusantara/sdk/testing'
import { certificateFiles } from '../../host/panel-certificate.js'
import { State } from '../../state/state.js'
import { Client } from '../test-client.js'

const password = 'a long enough pass phrase of its own'

/** Who knocks at every route. */
export interface People {
  readonly anonymous: TestClient
  /** Gave the right password, not yet the code. */
  readonly totpPending: TestClient
  /** Signed in, with a role that holds nothing. */
  readonly powerless: TestClient
  /** Signed in, with a role of their own that holds `jobs:read` alone. */
  readonly specialist: TestClient
  /** Signed in with the built-in role `user` and an account of their own. */
  readonly otherTenant: TestClient
  /** Signed in with a role that holds every permission there is, and an account of their own; no administrator. */
  readonly mightyTenant: TestClient
  /** Their session was over by the clock, or they were disabled since. */
  readonly expired: TestClient
  readonly disabled: TestClient
  /** Authorization headers of the administrator's tokens. */
  readonly tokens: { readonly narrow: string; readonly revoked: string; readonly expired: string }
}

/** Makes each of them through the API, as an administrator would; what only time does is written into the store. */
export async function makePeople(panel: TestPanel): Promise<People> {
  const certificate = await readFile(certificateFiles(panel.home).cert, 'utf8')
  const browser = () => new Client(() => panel.url, certificate)
  const admin = panel.as('admin')
  const { knex } = panel.resolve(State)
  const past = new Date(Date.now() - 1000).toISOString()
  const make = async (username: string, roles: readonly string[]) => {
    const account = await must(admin.post<{ id: string }>('/accounts', { name: username }))
    const user = await must(
      admin.post<{ id: string }>('/users', { username, password, roles, accounts: [account.body.id] }),
    )
    const client = browser()
    await must(client.post('/auth/login', { username, password }))
    return { client, id: user.body.id }
  }
  const role = async (name: string, permissions: readonly string[]) =>
    (await must(admin.post<{ id: string }>('/roles', { name, permissions }))).body.id
  const token = async (name: string) => {
    const { body } = await must(
      admin.post<{ id: string; token: string }>('/tokens', { name, permissions: ['jobs:read'] }),
    )
    return { id: body.id, header: `Bearer ${body.token}` }
  }
  const { items } = (await must(admin.get<{ items: { name: string }[] }>('/roles/permissions'))).body
  const enrolled = (await make('pending', ['user'])).client
  const { secret } = (await must(enrolled.post<{ secret: string }>('/auth/totp/enroll'))).body
  await must(enrolled.post('/auth/totp/confirm', { code: totp(secret) }))
  const totpPending = browser()
  await must(totpPending.post('/auth/login', { username: 'pending', password }))
  const expired = await make('expired', ['user'])
  await knex('sessions').where({ user_id: expired.id }).update({ expires_at: past })
  const disabled = await make('disabled', ['user'])
  await must(admin.patch(`/users/${disabled.id}`, { disabled: true }))
  const [narrow, revoked, old] = [await token('narrow'), await token('revoked'), await token('old')]
  await must(admin.delete(`/tokens/${revoked.id}`))
  await knex('api_tokens').where({ id: old.id }).update({ expires_at: past })
  return {
    anonymous: browser(),
    totpPending,
    powerless: (await make('powerless', [await role('powerless', [])])).client,
    specialist: (await make('specialist', [await role('specialist', ['jobs:read'])])).client,
    otherTenant: (await make('other', ['user'])).client,
    mightyTenant: (
      await make('mighty', [
        await role(
          'mighty',
          items.map(({ name }) => name),
        ),
      ])
    ).client,
    expired: expired.client,
    disabled: disabled.client,
    tokens: { narrow: narrow.header, revoked: revoked.header, expired: old.header },
  }
}

async function must<T extends { readonly status: number; readonly text: string }>(answer: Promise<T>): Promise<T> {
  const given = await answer
  if (given.status >= 300) throw new Error(`expected success, got ${given.status}: ${given.text}`)
  return given
}

/** RFC 6238 with SHA-1, 30 s and 6 digits, of a base32 secret (RFC 4648). */
export function totp(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')]
    .map(letter => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const offset = (digest[19] as number) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
