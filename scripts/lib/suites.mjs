// Runs suites as processes of their own and adds up what they count.
import { mkdirSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { inRoot } from './paths.mjs'
import { capture } from './run.mjs'

/** The last number that the pattern finds: reporters print running totals before the final one. */
export function count(output, pattern) {
  return Number([...output.matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1] ?? 0)
}

const readMocha = output => ({
  passed: count(output, /(\d+) passing/),
  failed: count(output, /(\d+) failing/),
  skipped: count(output, /(\d+) pending/),
})

/** A suite of compiled mocha files. */
export function mochaSuite(name, files, { timeout = 20_000, minutes, options = [], env = {} } = {}) {
  const mocha = inRoot('node_modules/mocha/bin/mocha.js')
  const fixed = ['--require', 'reflect-metadata', '--timeout', String(timeout), '--reporter', 'spec']
  return { name, args: [mocha, ...fixed, ...options, ...files], env, minutes, read: readMocha }
}

async function runSuite({ name, args, env, minutes = 20, read }) {
  const started = Date.now()
  const abort = AbortSignal.timeout(minutes * 60_000)
  const { code, output } = await capture(process.execPath, ['--enable-source-maps', ...args], {
    signal: abort,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_ENV: 'test', FORCE_COLOR: '0', ...env },
  }).catch(error => ({
    code: 1,
    output: `${abort.aborted ? `did not end within ${minutes} minutes` : error.stack}\n`,
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
  return result
}

/** What a run has counted. */
export class Total {
  passed = 0
  failed = 0
  skipped = 0

  add(result) {
    for (const key of ['passed', 'failed', 'skipped']) this[key] += result[key] ?? 0
  }

  /** Prints the count as the last line. With `CI` set, a test that was skipped is one that did not pass. */
  finish() {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped\n`)
    process.exit(this.failed > 0 || (process.env.CI && this.skipped > 0) ? 1 : 0)
  }

  /** Each missing part by its name; a failure where nothing may be missing. */
  missing(parts) {
    for (const part of parts) {
      const failure = Boolean(process.env.CI)
      process.stdout.write(
        `${part.name} is missing: apt install ${part.package}${failure ? '' : ' (what needs it will fail)'}\n`,
      )
      if (failure) this.failed++
    }
  }
}

/** Runs suites, so many at once. */
export async function sideBySide(suites, width, total) {
  const waiting = [...suites]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let suite = waiting.shift(); suite; suite = waiting.shift()) total.add(await runSuite(suite))
    }),
  )
}
