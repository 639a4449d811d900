// `npm test [-- WORD …]`: lint, then every suite whose name contains one of the words (default: all), side by side.
// The last line is `N passed, N failed, N skipped` over everything.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { build } from './build.mjs'
import { ensureHostPackages } from './lib/host-packages.mjs'
import { inRoot, root } from './lib/paths.mjs'
import { capture } from './lib/run.mjs'
import { filesBelow } from './lib/sources.mjs'
import { lint } from './lint.mjs'

const suiteMinutes = 10
const words = process.argv.slice(2)
const chosen = name => words.length === 0 || words.some(word => name.includes(word))
const total = { passed: 0, failed: 0, skipped: 0 }

/** Test sources by suite: one suite an area, so that areas run side by side. Compiled leftovers of deleted tests never run. */
function mochaSuites() {
  const suites = new Map()
  for (const file of ['kernel', 'sdk', 'migrations', 'plugins', 'test', 'scripts'].flatMap(filesBelow)) {
    const path = relative(root, file)
    if (!/\.test\.(ts|mjs)$/.test(path) || path.includes('/ui/')) continue
    const parts = path.split('/')
    const name =
      parts[0] === 'plugins'
        ? parts.slice(0, 2).join('/')
        : parts
            .filter(part => part !== 'src')
            .slice(0, 2)
            .join('/')
            .replace(/\.test\..*$/, '')
    const compiled = path.replace('/src/', '/dist/').replace(/\.ts$/, '.js')
    suites.set(name, [...(suites.get(name) ?? []), compiled])
  }
  return [...suites].map(([name, files]) => ({
    name,
    args: [
      inRoot('node_modules/mocha/bin/mocha.js'),
      '--require',
      'reflect-metadata',
      '--timeout',
      '20000',
      '--reporter',
      'spec',
      ...files,
    ],
    read: output => ({
      passed: count(output, /(\d+) passing/),
      failed: count(output, /(\d+) failing/),
      skipped: count(output, /(\d+) pending/),
    }),
  }))
}

function componentSuite() {
  const config = inRoot('ui-shell/web-test-runner.config.mjs')
  if (!existsSync(config)) return []
  return [
    {
      name: 'components',
      args: [inRoot('node_modules/@web/test-runner/dist/bin.js'), '--config', config],
      read: output => ({
        passed: count(output, /(\d+) passed/),
        failed: count(output, /, (\d+) failed/),
        skipped: count(output, /(\d+) skipped/),
      }),
    },
  ]
}

/** The last number that the pattern finds: reporters print running totals before the final one. */
function count(output, pattern) {
  return Number([...output.matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1] ?? 0)
}

async function runSuite({ name, args, read }) {
  const started = Date.now()
  const abort = AbortSignal.timeout(suiteMinutes * 60_000)
  const { code, output } = await capture(process.execPath, ['--enable-source-maps', ...args], {
    signal: abort,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_ENV: 'test', FORCE_COLOR: '0' },
  }).catch(error => ({
    code: 1,
    output: `${abort.aborted ? `did not end within ${suiteMinutes} minutes` : error.stack}\n`,
  }))
  const result = read(stripVTControlCharacters(output))
  // A suite that breaks outside its tests, or runs none, has failed all the same.
  if (result.failed === 0 && (code !== 0 || result.passed + result.skipped === 0)) result.failed = 1
  mkdirSync(inRoot('.test-output'), { recursive: true })
  writeFileSync(inRoot('.test-output', `${name.replaceAll('/', '-')}.txt`), output)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `${result.failed ? '✖' : '✔'} ${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped (${seconds} s)\n`,
  )
  if (result.failed) process.stdout.write(`${output}\n`)
  add(result)
}

function add(result) {
  for (const key of Object.keys(total)) total[key] += result[key] ?? 0
}

async function sideBySide(suites, width) {
  const waiting = [...suites]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let suite = waiting.shift(); suite; suite = waiting.shift()) await runSuite(suite)
    }),
  )
}

/** With `CI` set, a test that was skipped is one that did not pass. */
function finish() {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
  process.exit(total.failed > 0 || (process.env.CI && total.skipped > 0) ? 1 : 0)
}

const missing = await ensureHostPackages()
for (const part of missing) {
  const failure = Boolean(process.env.CI)
  process.stdout.write(
    `${part.name} is missing: apt install ${part.package}${failure ? '' : ' (what needs it will fail)'}\n`,
  )
  if (failure) total.failed++
}
if (!(await build())) {
  process.stdout.write('the build failed; its messages are above\n')
  total.failed++
  finish()
}
if (chosen('lint')) {
  const result = await lint()
  process.stdout.write(result.output)
  add(result)
}
await sideBySide(
  [...mochaSuites(), ...componentSuite()].filter(suite => chosen(suite.name)),
  availableParallelism(),
)
finish()
