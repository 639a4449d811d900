import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { administrator, post, setUp } from './set-up.js'
import { StartedPanel } from './started-panel.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const copying = promisify(execFile)

/** The checkout once more, built as it is, so that a source can be edited while other tests run on the first. */
async function copyOfCheckout(): Promise<string> {
  const copy = join(root, '.test-output', `dev-${process.pid}`)
  await mkdir(join(copy, 'node_modules'), { recursive: true })
  const listed = async (folder: string, without: readonly string[]) =>
    (await readdir(folder)).filter(name => !without.includes(name)).map(name => join(folder, name))
  await copying('cp', [
    '-a',
    '-t',
    copy,
    ...(await listed(root, ['node_modules', '.git', '.test-output', '.nusantara'])),
  ])
  // Packages are only read: names of the same files are enough.
  const packages = await listed(join(root, 'node_modules'), ['.cache'])
  await copying('cp', ['-al', '-t', join(copy, 'node_modules'), ...packages])
  await copying('cp', ['-a', '-t', join(copy, 'node_modules'), join(root, 'node_modules/.cache')])
  return copy
}

function read(panel: StartedPanel, path: string, cookie: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false, headers: { cookie } } as const
    get(`${panel.url}/api/v1${path}`, options, response => {
      let body = ''
      response.on('data', chunk => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    }).on('error', reject)
  })
}

describe('npm run dev', function () {
  this.timeout(240_000)
  let checkout: string
  let panel: StartedPanel
  before(async () => {
    checkout = await copyOfCheckout()
    panel = await StartedPanel.prepare({ checkout, command: ['npm', 'run', 'dev'] })
  })
  after(async () => {
    await panel?.remove()
    await rm(checkout, { recursive: true, force: true })
  })

  it('builds and starts again when a source changes, and keeps sessions', async () => {
    await setUp(panel, await panel.start())
    const { cookie } = await post(panel, '/auth/login', administrator)
    expect((await read(panel, '/openapi.json', cookie)).body).to.include('"title":"Nusantara Panel"')

    const source = join(checkout, 'kernel/src/http/openapi.ts')
    await writeFile(source, (await readFile(source, 'utf8')).replace("'Nusantara Panel'", "'Edited Panel'"))
    await panel.ready(2)
    const { status, body } = await read(panel, '/openapi.json', cookie)
    expect(status).to.equal(200)
    expect(body).to.include('"title":"Edited Panel"')
    expect(await panel.stop()).to.equal(0)
  })
})
