import assert from 'node:assert/strict'
import type { MatrixOptions, TestClient, TestPanel } from '@nusantara/sdk/testing'
import type { RegisteredRoute } from '../../http/registered-route.js'
import { RouteRegistry } from '../../http/route-registry.js'
import { createTestPanel } from '../test-panel.js'
import { makePeople, type People } from './people.js'
import { watchBroker } from './watched-broker.js'

interface Attempt {
  readonly who: string
  readonly client: TestClient
  readonly headers?: Readonly<Record<string, string>>
  readonly expected: readonly number[]
  /** Whether this attempt is a refusal for the route at all. */
  applies(route: RegisteredRoute): boolean
}

const unknownId = '01900000-0000-7000-8000-000000000000'
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Every route × everyone who may not use it, from the registry: what a plugin adds later is tried without a line of test.
 * A refusal answers a problem with the right status, reaches no handler's broker, and changes no row that a handler writes.
 */
export function describeRouteMatrix({ plugins, prepare }: MatrixOptions): void {
  describe('the route matrix', function () {
    this.timeout(120_000)
    let panel: TestPanel
    let people: People
    let ids: Readonly<Record<string, string>> = {}
    let routes: readonly RegisteredRoute[] = []

    before(async () => {
      panel = await createTestPanel({ plugins })
      people = await makePeople(panel)
      ids = (await prepare?.(panel)) ?? {}
      routes = panel
        .resolve(RouteRegistry)
        .list()
        .filter(route => route.path.startsWith('/api/'))
    })
    after(() => panel?.stop())

    const attempts = (): Attempt[] => {
      const guarded = (route: RegisteredRoute) => route.permission !== 'public'
      const permitted = (route: RegisteredRoute) => guarded(route) && route.permission !== 'authenticated'
      const admin = panel.as('admin')
      return [
        { who: 'anonymous', client: people.anonymous, expected: [401], applies: guarded },
        { who: 'TOTP pending', client: people.totpPending, expected: [401], applies: guarded },
        { who: 'a role without the permission', client: people.powerless, expected: [403], applies: permitted },
        {
          who: 'another tenant',
          client: people.otherTenant,
          expected: [403, 404],
          applies: route => permitted(route) && Boolean(route.resource && ids[route.resource.type]),
        },
        {
          who: 'no CSRF token',
          client: admin,
          headers: { 'x-csrf-token': '' },
          expected: [403],
          applies: route => route.csrf,
        },
        {
          who: 'wrong Origin',
          client: admin,
          headers: { origin: 'https://evil.example' },
          expected: [403],
          applies: route => route.csrf,
        },
        { who: 'wrong Host', client: admin, headers: { host: 'evil.example' }, expected: [421], applies: () => true },
      ]
    }

    it('refuses every wrong request to every route before anything happens', async () => {
      assert.ok(routes.length > 30, 'the registry is full')
      const watched = watchBroker(panel)
      const wrong: string[] = []
      let tried = 0
      try {
        for (const attempt of attempts()) {
          for (const route of routes.filter(each => attempt.applies(each))) {
            tried++
            const answer = await send(attempt.client, route, pathOf(route, ids), attempt.headers)
            const problem = answer.headers['content-type']
            if (!attempt.expected.includes(answer.status))
              wrong.push(`${attempt.who}: ${route.method} ${route.path} → ${answer.status}`)
            else if (!String(problem).startsWith('application/problem+json'))
              wrong.push(`${attempt.who}: ${route.path}: ${problem}`)
          }
        }
      } finally {
        watched.restore()
      }
      assert.deepEqual(wrong, [])
      assert.deepEqual(watched.calls, [], `${tried} refusals, none of which may reach the broker`)
    })

    it('refuses methods that a path does not have', async () => {
      const byPath = Map.groupBy(routes, route => route.path)
      const wrong: string[] = []
      for (const [path, declared] of byPath) {
        for (const method of methods) {
          if (declared.some(route => route.method === method)) continue
          const route = { ...(declared[0] as RegisteredRoute), method }
          const { status } = await send(panel.as('admin'), route, pathOf(route, ids))
          if (status !== 405 && status !== 404) wrong.push(`${method} ${path} → ${status}`)
        }
      }
      assert.deepEqual(wrong, [])
    })

    it("answers the same for what is not there and for what is another's", async () => {
      for (const route of routes) {
        if (!route.resource || !ids[route.resource.type] || route.method !== 'GET') continue
        const theirs = await send(people.otherTenant, route, pathOf(route, ids))
        const missing = await send(people.otherTenant, route, pathOf(route, {}))
        const plain = (body: unknown) => JSON.stringify(body).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
        assert.equal(theirs.status, missing.status, route.path)
        assert.equal(plain(theirs.body), plain(missing.body), route.path)
      }
    })
  })
}

/** The route's path with its resource's id in place, and something harmless for every other parameter. */
function pathOf(route: RegisteredRoute, ids: Readonly<Record<string, string>>): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => {
    const own = route.resource?.param === name ? ids[route.resource.type] : undefined
    return own ?? (name === 'locale' ? 'en' : unknownId)
  })
}

function send(
  client: TestClient,
  route: Pick<RegisteredRoute, 'method'>,
  path: string,
  headers?: Readonly<Record<string, string>>,
) {
  switch (route.method) {
    case 'GET':
      return client.get(path, headers)
    case 'POST':
      return client.post(path, {}, headers)
    case 'PUT':
      return client.put(path, {}, headers)
    case 'PATCH':
      return client.patch(path, {}, headers)
    case 'DELETE':
      return client.delete(path, {}, headers)
  }
}
