import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { writePlugin } from '../plugins/plugin-fixtures.js'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const parent = join(root, '.test-output', `matrix-${process.pid}`)

/** Makes a thing for the caller, and then shows and lists everybody's to everybody. */
const careless = `
  const { Joi, object } = sdk
  const things = new Map()
  const id = object({ id: Joi.string().max(64).required() })
  const common = { permission: 'careless:use', summary: 'Careless' }
  const absent = id => { throw new sdk.Problem('careless.absent', 404, {}) }
  ctx.http.route({ ...common, operation: 'careless.make', method: 'POST', path: '/', response: object({ id: Joi.string().required() }),
    handler: async ({ actor }) => { const id = sdk.newId(); things.set(id, actor.id); return { id } } })
  ctx.http.route({ ...common, operation: 'careless.show', method: 'GET', path: '/:id', params: id,
    response: object({ owner: Joi.string().required() }),
    handler: async ({ params }) => things.has(params.id) ? { owner: things.get(params.id), secret: 'shown' } : absent() })
  ctx.http.route({ ...common, operation: 'careless.list', method: 'GET', path: '/', response: object({ ids: Joi.array().items(Joi.string()) }),
    handler: async () => ({ ids: [...things.keys()] }) })
  ctx.http.route({ ...common, operation: 'careless.change', method: 'PUT', path: '/:id', params: id, status: 204,
    handler: async ({ params }) => { if (!things.has(params.id)) absent() } })
`

const locale = Object.fromEntries(['problem.careless.absent', 'problem.careless.absent.remedy'].map(key => [key, key]))

describe('the route matrix', function () {
  this.timeout(120_000)
  after(() => rm(parent, { recursive: true, force: true }))

  it('fails a plugin whose routes forget whose things they show', async () => {
    const directory = await writePlugin(parent, {
      id: 'careless',
      permissions: { 'careless:use': { user: true } },
      start: careless,
      locales: { en: locale, id: locale },
    })
    const suite = join(parent, 'suite.mjs')
    await mkdir(parent, { recursive: true })
    await writeFile(
      suite,
      `import { harness } from '@nusantara/sdk/testing'
const { describeRouteMatrix } = await harness()
describeRouteMatrix({
  plugins: [${JSON.stringify(directory)}],
  prepare: async panel => ({ thing: (await panel.as('admin').post('/careless')).body.id }),
})
`,
    )
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
    const { stdout } = await promisify(execFile)(process.execPath, [mocha, '--exit', '--reporter', 'json', suite], {
      cwd: root,
    }).catch((failed: { stdout: string }) => failed)
    const { failures } = JSON.parse(stdout) as { failures: { title: string; err: { message: string } }[] }
    expect(failures.map(({ title }) => title)).to.deep.equal([
      "answers the same for what is not there and for what is another's, also to who holds every permission",
      "lists nothing that is another's",
      'answers as its OpenAPI document says',
    ])
    const [found, listed, undescribed] = failures.map(({ err }) => err.message)
    expect(found)
      .to.include('GET /api/v1/careless/:id with a thing')
      .and.include('PUT /api/v1/careless/:id with a thing')
    expect(listed).to.include('/api/v1/careless shows a thing')
    expect(undescribed).to.include('careless.show: 200').and.include('secret')
  })
})
