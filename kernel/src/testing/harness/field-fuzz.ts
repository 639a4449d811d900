import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Plan } from '@nusantara/sdk'
import type { FuzzOptions, Sample, TestPanel } from '@nusantara/sdk/testing'
import { certificateFiles } from '../../host/panel-certificate.js'
import type { RegisteredRoute } from '../../http/registered-route.js'
import { RouteRegistry } from '../../http/route-registry.js'
import { createTestPanel } from '../test-panel.js'
import { type Answer, FuzzClient } from './field-fuzz-client.js'
import { bodyPayloads, type Payload, percentEncoded, urlPayloads } from './field-fuzz-payloads.js'
import { foreign, PlanReader, type Structure } from './field-fuzz-plan.js'
import { fault } from './field-fuzz-verdict.js'
import { hostTree, treeDifference } from './invariants.js'
import { jsonSchemaOf, sampleOf, unknownId } from './samples.js'
import { type Field, fieldsOf, placeOf, replaced, withPlace } from './samples-fields.js'

type Part = 'params' | 'query' | 'body'
type Inputs = Readonly<Record<Part, unknown>>

/** One value of one field of one route. */
interface Try {
  readonly route: RegisteredRoute
  readonly part: Part
  readonly field: Field
  readonly payload: Payload
  readonly place: readonly string[]
  readonly inputs: Inputs
  readonly base: Base
}

interface Base {
  readonly answer: Answer
  readonly structure?: Structure
}

const parallel = 6
/** What the schemas of the kernel's own routes cannot say. */
const kernelSamples: Readonly<Record<string, Sample>> = {
  'users.create': { body: { username: 'fuzzed', password: 'kettle drum on a rainy roof', roles: [], accounts: [] } },
  'tokens.create': { body: { name: 'fuzzed', permissions: ['jobs:read'], expiresAt: '2100-01-01T00:00:00.000Z' } },
  'setup.complete': { body: { token: 'used', username: 'fuzzed', password: 'kettle drum on a rainy roof' } },
}
const parts = ['params', 'query', 'body'] as const

/**
 * Every field of every route × values that nobody sends by mistake, as an administrator who may do everything. Changes are
 * planned, not made. No value is answered by a failure, a refusal names its field, nothing on disk changes, and what a plan
 * would write has no directive that the plan of a harmless value has not.
 */
export function describeFieldFuzz({ plugins, samples = {}, prepare }: FuzzOptions): void {
  describe('the field fuzz', function () {
    this.timeout(240_000)
    let panel: TestPanel
    let client: FuzzClient
    let reader: PlanReader
    let ids: Readonly<Record<string, string>> = {}
    let routes: readonly RegisteredRoute[] = []
    let compared = 0

    before(async () => {
      panel = await createTestPanel({ plugins })
      ids = (await prepare?.(panel)) ?? {}
      client = await FuzzClient.signIn(panel, await readFile(certificateFiles(panel.home).cert, 'utf8'))
      reader = await PlanReader.of(plugins)
      routes = panel.resolve(RouteRegistry).list()
    })
    after(async () => {
      client?.close()
      await panel?.stop()
    })

    it('has a sample for every changing route that is accepted', async () => {
      const refused: string[] = []
      for (const route of routes.filter(({ operation, change }) => change && samples[operation])) {
        for (const sample of samplesOf(route)) {
          const { status, body } = await send(route, sample)
          if (status !== 200) refused.push(`${route.operation} → ${status} ${JSON.stringify(body)}`)
        }
      }
      assert.deepEqual(refused, [])
    })

    it('answers every bad value by naming its field, and changes nothing', async () => {
      const before = hostTree(panel.home)
      const faults: string[] = []
      let tried = 0
      compared = 0
      // What ends or locks sign-ins comes last.
      const ordered = routes.toSorted((a, b) => Number(sensitive(a)) - Number(sensitive(b)))
      for (const route of ordered) {
        const tries = await triesOf(route)
        tried += tries.length
        await inParallel(tries, async each => {
          const wrong = await attempt(each)
          if (wrong) faults.push(`${route.operation} ${fieldName(each)} ${each.payload.name} → ${wrong}`)
        })
      }
      assert.ok(tried > 3_000, `only ${tried} values were tried`)
      assert.ok(
        compared > 0 || !routes.some(({ change, operation }) => change && samples[operation]),
        'no plan was read',
      )
      assert.deepEqual(faults.sort(), [])
      assert.deepEqual(treeDifference(before, hostTree(panel.home)), [])
    })

    async function attempt({ route, inputs, payload, part, place, base }: Try): Promise<string | undefined> {
      const raw = part !== 'body' ? { part, key: place[0] ?? '', payload } : undefined
      const answer = await send(route, inputs, raw)
      const wrong = fault(answer, { payload, place, part, harmless: base.answer })
      if (wrong || !route.change || answer.status !== 200) return wrong
      compared++
      const found = foreign(await reader.structure(answer.body as Plan), base.structure ?? new Map())
      return found.length > 0 ? `planned ${found.join(', ')}` : undefined
    }

    async function triesOf(route: RegisteredRoute): Promise<readonly Try[]> {
      const tries: Try[] = []
      const bases = new Map<string, Promise<Base>>()
      const baseOf = (inputs: Inputs) => {
        const key = JSON.stringify(inputs)
        const known = bases.get(key) ?? answered(route, inputs)
        bases.set(key, known)
        return known
      }
      for (const part of parts) {
        const schema = jsonSchemaOf(route[part])
        if (!schema) continue
        for (const field of fieldsOf(schema)) {
          const all = samplesOf(route)
          const fitting = all.find(sample => placeOf(sample[part], field.path)) ?? all[0]
          if (!fitting) continue
          const inputs = { ...fitting, [part]: withPlace(fitting[part], schema, field.path) } as Inputs
          const place = placeOf(inputs[part], field.path)
          if (!place) continue
          const base = await baseOf(inputs)
          for (const payload of part === 'body' ? bodyPayloads : urlPayloads) {
            if (field.key && typeof payload.value !== 'string') continue
            const value = replaced(inputs[part], place, payload.value, field.key)
            const at = field.key ? [...place.slice(0, -1), String(payload.value)] : place
            tries.push({ route, part, field, payload, place: at, inputs: { ...inputs, [part]: value }, base })
          }
        }
      }
      return tries
    }

    async function answered(route: RegisteredRoute, inputs: Inputs): Promise<Base> {
      // What only the first of two gets done is no fault of a value: the second answer is the one to compare with.
      if (!route.change && route.method !== 'GET') await send(route, inputs)
      const answer = await send(route, inputs)
      const planned = route.change && answer.status === 200
      return { answer, ...(planned && { structure: await reader.structure(answer.body as Plan) }) }
    }

    function samplesOf(route: RegisteredRoute): readonly Inputs[] {
      const given = [samples[route.operation] ?? kernelSamples[route.operation] ?? {}].flat() as readonly Sample[]
      const derived = Object.fromEntries(
        parts.map(part => [part, route[part] && sampleOf(jsonSchemaOf(route[part]) ?? {})]),
      )
      const own = route.resource && ids[route.resource.type]
      const params = {
        ...(derived.params as object | undefined),
        ...(route.resource && own && { [route.resource.param]: own }),
      }
      return given.map(sample => ({
        params: { ...params, ...sample.params },
        query: sample.query ?? derived.query,
        body: sample.body ?? derived.body,
      }))
    }

    function send(route: RegisteredRoute, inputs: Inputs, raw?: { part: Part; key: string; payload: Payload }) {
      const written = (part: Part, key: string, value: unknown) =>
        raw?.part === part && raw.key === key ? percentEncoded(raw.payload) : encodeURIComponent(String(value))
      const params = (inputs.params ?? {}) as Readonly<Record<string, unknown>>
      const path = route.path.replace(/:(\w+)/g, (_, key: string) => written('params', key, params[key] ?? unknownId))
      const query = Object.entries((inputs.query ?? {}) as object).map(
        ([key, value]) => `${encodeURIComponent(key)}=${written('query', key, value)}`,
      )
      if (route.change) query.push('dry_run=true')
      const target = query.length > 0 ? `${path}?${query.join('&')}` : path
      return client.send(route.method, target, route.body ? inputs.body : undefined)
    }
  })
}

function fieldName({ part, field }: Try): string {
  const path = field.path.join('.') + (field.key ? ' (key)' : '')
  return part === 'body' ? path : `${part}:${path}`
}

function sensitive({ operation }: RegisteredRoute): boolean {
  return /^(?:auth|setup)\./.test(operation)
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: parallel }, work))
}
