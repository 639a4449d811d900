import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { writePlugin } from '../plugins/plugin-fixtures.js'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const parent = join(root, '.test-output', `contract-${process.pid}`)

const leavesTable = `
export const up = knex => knex.schema.createTable('sloppy_things', table => table.text('id').primary())
export const down = async () => {}
`
const start = `
  ctx.http.route({ operation: 'sloppy.hello', method: 'GET', path: '/', permission: 'sloppy:undeclared', summary: 'Hello',
    status: 204, handler: async () => undefined })
  setInterval(() => {}, 60000)
`

describe('describePlugin', function () {
  this.timeout(120_000)
  after(() => rm(parent, { recursive: true, force: true }))

  it('fails a plugin for each part of the contract that it breaks', async () => {
    const directory = await writePlugin(parent, {
      id: 'sloppy',
      permissions: { 'sloppy:unused': {} },
      start,
      locales: { en: { 'sloppy.title': 'Sloppy' }, id: {} },
      files: {
        'migrations/0001_things.js': leavesTable,
        'dist/errors.js': "defineProblem('sloppy.lost', 404)",
      },
    })
    const suite = join(parent, 'suite.mjs')
    await mkdir(parent, { recursive: true })
    await writeFile(
      suite,
      `import { describePlugin } from '@nusantara/sdk/testing'\ndescribePlugin(${JSON.stringify(directory)})\n`,
    )
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
    const { stdout } = await promisify(execFile)(process.execPath, [mocha, '--exit', '--reporter', 'json', suite], {
      cwd: root,
    }).catch((failed: { stdout: string }) => failed)
    const { failures, stats } = JSON.parse(stdout) as {
      failures: { title: string; err: { message: string } }[]
      stats: { passes: number }
    }
    expect(failures.map(({ title }) => title)).to.deep.equal([
      'leaves nothing behind when it is switched off and on three times',
      'declares the permission of every route, stream and page',
      'uses every permission that it declares',
      'migrates up, down and up again on SQLite',
      'migrates up, down and up again on PostgreSQL',
      'speaks English and Bahasa Indonesia with the same keys, and has every text that it names',
    ])
    expect(stats.passes).to.equal(1)
  })
})
