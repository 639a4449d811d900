import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Plan } from '@nusantara/sdk'
import type { FuzzOptions, Sample, TestPanel } from '@nusantara/sdk/testing'
import { certificateFiles } from '../../host/panel-certificate.js'
import type { RegisteredRoute } from '../../http/registered-route.js'
import { RouteRegistry } from '../../http/route-registry.js'
import { createTestPanel } from '../test-panel.js'
import { type Answer, FuzzClient } from './field-fuzz-client.js'
import { bodyPayloads, headerPayloads, type Payload, pathPayloads, queryPayloads } from './field-fuzz-payloads.js'
import { foreign, PlanReader, type Structure } from './field-fuzz-plan.js'
import { hole, type Inputs, type Part, parts, schemaOf, send } from './field-fuzz-request.js'
import { fault } from './field-fuzz-verdict.js'
import { hostTree, treeDifference } from './invariants.js'
import { type KernelSamples, makeKernelSamples } from './kernel-samples.js'
import { sampleOf } from './samples.js'
import { type Field, fieldsOf, placeOf, replaced, withPlace } from './samples-fields.js'
import { watchAnswers } from './watched-answers.js'

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
const payloads: Readonly<Record<Part, readonly Payload[]>> = {
  params: pathPayloads,
  query: queryPayloads,
  header: headerPayloads,
  body: bodyPayloads,
}

/**
 * Every field of every route × values that nobody sends by mistake, as an administrator who may do everything. Changes are
 * planned, not made. No value is answered by a failure; a refusal names its field and the part of the request, or how much
 * or how far when it is of the whole body; nothing on disk changes; and what a plan would write reads the same when it is
 * written again, and has no directive, nor one with more arguments, that the plan of a harmless value has not.
 */
export function describeFieldFuzz({ plugins, samples = {}, prepare }: FuzzOptions): void {
  describe('the field fuzz', function () {
    this.timeout(480_000)
    let panel: TestPanel
    let client: FuzzClient
    let reader: PlanReader
    let ids: Readonly<Record<string, string>> = {}
    let routes: readonly RegisteredRoute[] = []
    let kernel: KernelSamples
    let compared = 0

    before(async () => {
      panel = await createTestPanel({ plugins })
      ids = (await prepare?.(panel)) ?? {}
      kernel = await makeKernelSamples(panel)
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
          const { status, body } = await send(client, route, sample)
          if (status !== 200) refused.push(`${route.operation} → ${status} ${JSON.stringify(body)}`)
        }
      }
      assert.deepEqual(refused, [])
    })

    it('answers every bad value by naming its field, and changes nothing', async () => {
      const before = hostTree(panel.home)
      const answers = watchAnswers(panel)
      const faults: string[] = []
      let tried = 0
      compared = 0
      const ordered = routes.toSorted((a, b) => turn(a) - turn(b))
      for (const route of ordered) {
        const tries = await triesOf(route)
        tried += tries.length
        await inParallel(tries, async each => {
          const wrong = await attempt(each)
          if (wrong) faults.push(`${route.operation} ${fieldName(each)} ${each.payload.name} → ${wrong}`)
        })
        // Whoever is signed out is refused everything, for a reason that is no fault of any value.
        if (!(await client.signedIn())) faults.push(`${route.operation} ended the session`)
      }
      assert.ok(tried > 3_000, `only ${tried} values were tried`)
      assert.ok(
        compared > 0 || !routes.some(({ change, operation }) => change && samples[operation]),
        'no plan was read',
      )
      answers.restore()
      assert.deepEqual(faults.sort(), [])
      assert.deepEqual(answers.faults, [], 'every answer is as the OpenAPI document describes it')
      assert.deepEqual(treeDifference(before, hostTree(panel.home)), [])
    })

    async function attempt({ route, inputs, payload, part, place, base }: Try): Promise<string | undefined> {
      const spot = { part, key: place.at(-1) ?? '', payload }
      const answer = await send(client, route, inputs, spot)
      const wrong = fault(answer, { ...spot, place, harmless: base.answer })
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
        const schema = schemaOf(route, part)
        if (!schema) continue
        for (const field of fieldsOf(schema)) {
          const all = samplesOf(route)
          const fitting = all.find(sample => placeOf(sample[part], field.path)) ?? all[0]
          if (!fitting) continue
          const inputs = { ...fitting, [part]: withPlace(fitting[part], schema, field.path) } as Inputs
          const place = placeOf(inputs[part], field.path)
          if (!place) continue
          const base = await baseOf(inputs)
          for (const payload of payloads[part]) {
            if (field.key && (typeof payload.value !== 'string' || payload.json)) continue
            const value = replaced(inputs[part], place, payload.json ? hole : payload.value, field.key)
            const at = field.key ? [...place.slice(0, -1), String(payload.value)] : place
            tries.push({ route, part, field, payload, place: at, inputs: { ...inputs, [part]: value }, base })
          }
        }
      }
      return tries
    }

    async function answered(route: RegisteredRoute, inputs: Inputs): Promise<Base> {
      // What only the first of two gets done is no fault of a value: the second answer is the one to compare with.
      if (!route.change && route.method !== 'GET') await send(client, route, inputs)
      const answer = await send(client, route, inputs)
      const planned = route.change && answer.status === 200
      return { answer, ...(planned && { structure: await reader.structure(answer.body as Plan) }) }
    }

    function samplesOf(route: RegisteredRoute): readonly Inputs[] {
      const given = [samples[route.operation] ?? kernel.samples[route.operation] ?? {}].flat() as readonly Sample[]
      const derived = Object.fromEntries(
        parts.map(part => {
          const schema = schemaOf(route, part)
          return [part, schema && sampleOf(schema)]
        }),
      )
      const area = /^\/api\/v1\/(\w+)\/:id/.exec(route.path)?.[1] ?? ''
      const own = route.resource ? ids[route.resource.type] : kernel.ids[area]
      const params = {
        ...(derived.params as object | undefined),
        ...(own && { [route.resource?.param ?? 'id']: own }),
      }
      return given.map(sample => ({
        params: { ...params, ...sample.params },
        query: sample.query ?? derived.query,
        header: derived.header,
        body: sample.body ?? derived.body,
      }))
    }
  })
}

function fieldName({ part, field }: Try): string {
  const path = field.path.join('.') + (field.key ? ' (key)' : '')
  return part === 'body' ? path : `${part}:${path}`
}

/** What removes the things that others work on comes late, and what ends or locks sign-ins last. */
function turn({ operation, method }: RegisteredRoute): number {
  if (/^(?:auth|setup)\./.test(operation)) return 2
  return method === 'DELETE' ? 1 : 0
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: parallel }, work))
}
