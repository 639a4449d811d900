import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { MatrixOptions, TestClient, TestPanel } from '@nusantara/sdk/testing'
import { certificateFiles } from '../../host/panel-certificate.js'
import type { RegisteredRoute } from '../../http/registered-route.js'
import { RouteRegistry } from '../../http/route-registry.js'
import { createTestPanel } from '../test-panel.js'
import { knock } from './knock.js'
import { makePeople, type People } from './people.js'
import { attemptsOf } from './route-matrix-attempts.js'
import { jsonSchemaOf, sampleOf, unknownId } from './samples.js'
import { storeRows } from './store-rows.js'
import { type WatchedAnswers, watchAnswers } from './watched-answers.js'
import { watchBroker } from './watched-broker.js'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const strangeMethods = ['OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'LINK', 'PURGE'] as const
/** Areas of the kernel's API whose things belong to the whole panel: who holds the permission sees them all. */
const panelWide =
  /^(?:audit|changes|drift|health|messages|metrics|openapi|plugins|roles|schedules|settings|setup|shell|users)\./

/**
 * Every route × everyone who may not use it, from the registry: what a plugin adds later is tried without a line of test.
 * A refusal answers a problem with the right status, reaches no broker, and changes no row. What is another tenant's is
 * answered like what is not there, whatever the route declares, and stands in no list.
 */
export function describeRouteMatrix({ plugins, prepare }: MatrixOptions): void {
  describe('the route matrix', function () {
    this.timeout(240_000)
    let panel: TestPanel
    let people: People
    let answers: WatchedAnswers
    let certificate = ''
    let ids: Readonly<Record<string, string>> = {}
    let routes: readonly RegisteredRoute[] = []

    before(async () => {
      panel = await createTestPanel({ plugins })
      certificate = await readFile(certificateFiles(panel.home).cert, 'utf8')
      people = await makePeople(panel)
      ids = (await prepare?.(panel)) ?? {}
      routes = panel
        .resolve(RouteRegistry)
        .list()
        .filter(route => route.path.startsWith('/api/'))
      answers = watchAnswers(panel)
    })
    after(async () => {
      answers?.restore()
      await panel?.stop()
    })

    it('refuses every wrong request to every route before anything happens', async () => {
      assert.ok(routes.length > 30, 'the registry is full')
      const rows = await storeRows(panel)
      const watched = watchBroker(panel)
      const wrong: string[] = []
      let tried = 0
      try {
        for (const attempt of attemptsOf(panel, people, ids)) {
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
      assert.deepEqual(await storeRows(panel), rows, `${tried} refusals, none of which may change a row`)
    })

    it('refuses methods that a path does not have', async () => {
      const byPath = Map.groupBy(routes, route => route.path)
      const watched = watchBroker(panel)
      const wrong: string[] = []
      for (const [path, declared] of byPath) {
        for (const method of methods) {
          if (declared.some(route => route.method === method)) continue
          const route = { ...(declared[0] as RegisteredRoute), method }
          const { status } = await send(panel.as('admin'), route, pathOf(route, ids))
          if (status !== 405 && status !== 404) wrong.push(`${method} ${path} → ${status}`)
        }
        for (const method of strangeMethods) {
          const { status } = await knock(panel, certificate, method, pathOf(declared[0] as RegisteredRoute, ids))
          // A tunnel is not opened, whatever it is asked for.
          if (status !== (method === 'CONNECT' ? 'closed' : 501)) wrong.push(`${method} ${path} → ${status}`)
        }
      }
      watched.restore()
      assert.deepEqual(wrong, [])
      assert.deepEqual(watched.calls, [])
    })

    it('answers HEAD as GET, without the body', async () => {
      const wrong: string[] = []
      for (const route of routes) {
        const { status, text } = await knock(panel, certificate, 'HEAD', pathOf(route, ids))
        const path = routes.filter(each => each.path === route.path)
        const readable = path.find(({ method }) => method === 'GET')
        // `/things/apply`, which is posted to, may be a `/things/:id` that is read.
        const expected = readable ? (readable.permission === 'public' ? [200] : [401]) : [401, 404, 405]
        if (!expected.includes(status as number) || text !== '') wrong.push(`HEAD ${route.path} → ${status} ${text}`)
      }
      assert.deepEqual(wrong, [])
    })

    it("answers the same for what is not there and for what is another's, also to who holds every permission", async () => {
      const theirs = { ...ids, ...(await ownedByAdmin(panel)) }
      const wrong: string[] = []
      for (const client of [people.otherTenant, people.mightyTenant]) {
        for (const route of routes) {
          if (route.permission === 'public' || (route.owner === 'kernel' && panelWide.test(route.operation))) continue
          for (const [, name = ''] of route.path.matchAll(/:(\w+)/g)) {
            const missing = plain(await send(client, route, pathOf(route, {})))
            for (const [type, id] of Object.entries(theirs)) {
              const found = plain(await send(client, route, pathOf(route, {}, { [name]: id })))
              if (found !== missing)
                wrong.push(`${route.method} ${route.path} with a ${type} → ${found}, not ${missing}`)
            }
          }
        }
      }
      assert.deepEqual(wrong, [])
    })

    it("lists nothing that is another's", async () => {
      const theirs = { ...ids, ...(await ownedByAdmin(panel)) }
      const wrong: string[] = []
      for (const route of routes.filter(
        ({ method, path, produces }) => method === 'GET' && !path.includes(':') && produces === 'application/json',
      )) {
        if (route.owner === 'kernel' && panelWide.test(route.operation)) continue
        for (const client of [people.otherTenant, people.mightyTenant]) {
          const { text } = await client.get(route.path)
          for (const [type, id] of Object.entries(theirs))
            if (text.includes(id)) wrong.push(`${route.path} shows a ${type}`)
        }
      }
      assert.deepEqual(wrong, [])
    })

    it('answers as its OpenAPI document says', () => assert.deepEqual(answers.faults, []))
  })
}

/** What the administrator alone has, by the part of the API that shows it: things of the kernel that are somebody's own. */
async function ownedByAdmin(panel: TestPanel): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const area of ['jobs', 'tokens', 'auth/sessions', 'notifications']) {
    const { body } = await panel.as('admin').get<{ readonly items: readonly { readonly id: string }[] }>(`/${area}`)
    if (body.items[0]) found[area] = body.items[0].id
  }
  return found
}

/** An answer without what differs between any two. */
function plain({ status, body }: { readonly status: number; readonly body: unknown }): string {
  return `${status} ${JSON.stringify(body).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')}`
}

/** The route's path with its resource's id in place, and something harmless for every other parameter. */
function pathOf(
  route: RegisteredRoute,
  ids: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>> = {},
): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => {
    const own = given[name] ?? (route.resource?.param === name ? ids[route.resource.type] : undefined)
    return own ?? (name === 'locale' ? 'en' : unknownId)
  })
}

/** With a body that the route takes, as far as its schema can say. */
function send(
  client: TestClient,
  route: Pick<RegisteredRoute, 'method' | 'body'>,
  path: string,
  headers?: Readonly<Record<string, string>>,
) {
  const schema = jsonSchemaOf(route.body)
  const body = schema ? sampleOf(schema) : {}
  switch (route.method) {
    case 'GET':
      return client.get(path, headers)
    case 'POST':
      return client.post(path, body, headers)
    case 'PUT':
      return client.put(path, body, headers)
    case 'PATCH':
      return client.patch(path, body, headers)
    case 'DELETE':
      return client.delete(path, body, headers)
  }
}
