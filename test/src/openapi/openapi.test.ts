import assert from 'node:assert/strict'
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type WatchedAnswers, watchAnswers } from '@nusantara/kernel/testing/harness'
import { createTestPanel, type TestPanel } from '@nusantara/sdk/testing'
import { Validator } from '@seriousme/openapi-schema-validator'
import { askForCertificates } from './certificate-walk.js'
import { askForJobs, askForSites, askForStack } from './job-walk.js'
import { askForKernel } from './kernel-walk.js'
import { askForPeople, askForSignIn } from './people-walk.js'
import { writeWalker } from './walker.js'

const plugin = (id: string) => fileURLToPath(new URL(`../../../plugins/${id}`, import.meta.url))
const parent = fileURLToPath(new URL(`../../../.test-output/openapi-${process.pid}`, import.meta.url))

/** Successes that no walk can show, with the reason. */
const unasked: Readonly<Record<string, string>> = {
  'events.listen 200': 'a stream without an end; its events are tested with the kernel',
  'tickets.create 201': 'needs a WebSocket, which no plugin of this panel has',
}

describe('the OpenAPI document', function () {
  this.timeout(120_000)
  let panel: TestPanel
  let watched: WatchedAnswers

  before(async () => {
    await mkdir(parent, { recursive: true })
    panel = await createTestPanel({ plugins: [...['sites', 'ssl', 'stack'].map(plugin), await writeWalker(parent)] })
    watched = watchAnswers(panel)
  })
  after(async () => {
    watched?.restore()
    await panel?.stop()
    await rm(parent, { recursive: true, force: true })
  })

  it('is one by the schema of the OpenAPI Initiative', async () => {
    const { body } = await panel.as('admin').get('/openapi.json')
    const validator = new Validator()
    assert.deepEqual(await validator.validate(body), { valid: true })
    assert.equal(validator.version, '3.1')
    body.paths['/api/v1/jobs'].get.parameters[0].in = 'nowhere'
    assert.equal((await new Validator().validate(body)).valid, false, 'a wrong document was seen to be wrong')
  })

  it('describes what every operation answers when it succeeds, and every refusal on the way', async () => {
    await askForKernel(panel)
    await askForPeople(panel)
    await askForSignIn(panel)
    await askForSites(panel)
    await askForCertificates(panel)
    await askForStack(panel)
    await askForJobs(panel)
    assert.deepEqual(watched.faults, [])
    const missing = watched.promised.filter(each => !watched.seen.has(each) && !(each in unasked))
    assert.deepEqual(missing, [], 'a route that is new needs a request in one of the walks')
  })
})
