import type { TestClient, TestPanel } from '@nusantara/sdk/testing'
import type { RegisteredRoute } from '../../http/registered-route.js'
import type { People } from './people.js'

/** One way to be refused. */
export interface Attempt {
  readonly who: string
  readonly client: TestClient
  readonly headers?: Readonly<Record<string, string>>
  readonly expected: readonly number[]
  /** Whether this attempt is a refusal for the route at all. */
  applies(route: RegisteredRoute): boolean
}

/** Everyone who may not, and every request that is not the panel's own. */
export function attemptsOf(panel: TestPanel, people: People, ids: Readonly<Record<string, string>>): Attempt[] {
  const guarded = (route: RegisteredRoute) => route.permission !== 'public'
  const permitted = (route: RegisteredRoute) => guarded(route) && route.permission !== 'authenticated'
  const other = (route: RegisteredRoute) => permitted(route) && route.permission !== 'jobs:read'
  const foreign = (route: RegisteredRoute) => permitted(route) && Boolean(route.resource && ids[route.resource.type])
  const forgeable = (route: RegisteredRoute) => route.csrf
  const { anonymous, tokens } = people
  const admin = panel.as('admin')
  const unknown = (who: string, client: TestClient, authorization?: string): Attempt => ({
    who,
    client,
    ...(authorization && { headers: { authorization } }),
    expected: [401],
    applies: guarded,
  })
  const writing = (route: RegisteredRoute) => route.method !== 'GET'
  const forged = (who: string, headers: Readonly<Record<string, string>>, applies = writing): Attempt => {
    return { who, client: admin, headers, expected: [403], applies }
  }
  return [
    unknown('anonymous', anonymous),
    unknown('TOTP pending', people.totpPending),
    unknown('an expired session', people.expired),
    unknown('a disabled user', people.disabled),
    unknown('a revoked token', anonymous, tokens.revoked),
    unknown('an expired token', anonymous, tokens.expired),
    unknown('a revoked token beside a good session', admin, tokens.revoked),
    unknown('a password in the header', admin, `Basic ${Buffer.from('admin:admin').toString('base64')}`),
    { who: 'a role without the permission', client: people.powerless, expected: [403], applies: permitted },
    { who: 'a role with another permission', client: people.specialist, expected: [403], applies: other },
    {
      who: 'a token of narrow scope',
      client: anonymous,
      headers: { authorization: tokens.narrow },
      expected: [403],
      applies: other,
    },
    { who: 'another tenant', client: people.otherTenant, expected: [403, 404], applies: foreign },
    { who: 'another tenant with every permission', client: people.mightyTenant, expected: [404], applies: foreign },
    forged('no CSRF token', { 'x-csrf-token': '' }, forgeable),
    forged("another's CSRF token", { 'x-csrf-token': Buffer.alloc(32, 7).toString('base64url') }, forgeable),
    forged('wrong Origin', { origin: 'https://evil.example' }),
    forged('the Origin of another port', { origin: 'https://localhost:1' }),
    forged('an opaque Origin', { origin: 'null' }),
    {
      // A page of somebody else's that signs its visitor in as another.
      who: 'nobody from a wrong Origin',
      client: anonymous,
      headers: { origin: 'https://evil.example' },
      expected: [403],
      applies: route => writing(route) && !guarded(route),
    },
    { who: 'wrong Host', client: admin, headers: { host: 'evil.example' }, expected: [421], applies: () => true },
  ]
}
