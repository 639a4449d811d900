// `npm run plugin-new -- my-plugin`: makes a working plugin from templates/plugin, with a test.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { inRoot, root } from './lib/paths.mjs'
import { filesBelow } from './lib/sources.mjs'

const usage = 'usage: npm run plugin-new -- ID [--directory DIR]'

function fail(message) {
  process.stderr.write(`plugin-new: ${message}\n`)
  process.exit(1)
}

const { values, positionals } = parseArgs({ options: { directory: { type: 'string' } }, allowPositionals: true })
const [id, ...rest] = positionals
if (!id || rest.length > 0) fail(usage)
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 32) {
  fail(`'${id}' is no plugin id; use up to 32 lower case letters, digits and single hyphens, beginning with a letter`)
}
const reserved = await import('../kernel/dist/plugins/manifest.js').then(
  ({ reservedIds }) => reservedIds,
  () => fail('the checkout is not built; run `npm run build` first'),
)
if (reserved.has(id)) fail(`'${id}' belongs to the panel itself; choose another id`)

const inWorkspace = values.directory === undefined
const directory = inWorkspace ? inRoot('plugins', id) : values.directory
if (existsSync(directory)) fail(`${directory} is there already; remove it or choose another id`)

const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ')
for (const file of filesBelow('templates/plugin')) {
  const target = join(directory, relative(inRoot('templates/plugin'), file))
  cpSync(file, target, { recursive: true })
  const text = readFileSync(target, 'utf8')
  writeFileSync(target, text.replaceAll('my-plugin', id).replaceAll('My plugin', title))
}
if (inWorkspace) register()
process.stdout.write(`${directory} is ready: say what it does in src/server/index.ts, then \`npm run build\`.\n`)

/** The build lists its projects, and the lockfile its workspaces. */
function register() {
  const file = inRoot('tsconfig.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const path = `./plugins/${id}`
  if (!config.references.some(reference => reference.path === path)) config.references.push({ path })
  const lines = config.references.map(reference => `    { "path": "${reference.path}" }`)
  writeFileSync(file, `{\n  "files": [],\n  "references": [\n${lines.join(',\n')}\n  ]\n}\n`)
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const args = [
    ...npm.slice(1),
    'install',
    '--package-lock-only',
    '--ignore-scripts',
    '--offline',
    '--no-audit',
    '--no-fund',
  ]
  const { status } = spawnSync(npm[0], args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) process.stderr.write('plugin-new: run `npm install` once, so that the lockfile knows the plugin\n')
}
