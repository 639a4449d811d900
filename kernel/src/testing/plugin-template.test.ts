import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const id = `fresh-${process.pid}`
/** Two levels below the checkout like `plugins/<id>`, so that the paths in the template hold. */
const directory = join(root, '.test-output', id)
const node = (...args: string[]) => run(process.execPath, args, { cwd: root })

describe('npm run plugin-new', function () {
  this.timeout(120_000)
  after(() => rm(directory, { recursive: true, force: true }))

  it('makes a plugin that compiles, runs, and keeps the contract of every plugin', async () => {
    await node('scripts/plugin-new.mjs', id, '--directory', directory)
    await node('node_modules/typescript/bin/tsc', '-p', directory)
    await node('node_modules/typescript/bin/tsc', '-p', join(directory, 'src', 'ui'))
    await node('node_modules/vite/bin/vite.js', 'build', directory, '--config', join(directory, 'vite.config.ts'))
    const { stdout } = await node(
      'node_modules/mocha/bin/mocha.js',
      '--reporter',
      'json',
      `${directory}/dist/server/*.test.js`,
    )
    const { stats, failures } = JSON.parse(stdout) as { stats: { passes: number }; failures: unknown[] }
    expect(failures).to.deep.equal([])
    expect(stats.passes).to.be.at.least(9)
  })

  it('is what the README of the checkout shows', async () => {
    const source = await readFile(join(root, 'templates/plugin/src/server/index.ts'), 'utf8')
    const shown = source.replaceAll('my-plugin', 'hello').replaceAll('My plugin', 'Hello').trim()
    expect(await readFile(join(root, 'README.md'), 'utf8')).to.include(shown)
  })

  it('refuses an id that is no plain word, and one of the panel', async () => {
    for (const bad of ['../evil', 'Upper', 'jobs']) {
      const refused = await node('scripts/plugin-new.mjs', bad, '--directory', directory).catch(error => error)
      expect(refused.code, bad).to.equal(1)
    }
  })
})
