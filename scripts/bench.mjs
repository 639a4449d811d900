// `npm run bench [-- --only NAME] [-- --json FILE]`: every figure, each beside a baseline measured in the same run.
import 'reflect-metadata'
import { readdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine, table } from './bench/report.mjs'
import { build } from './build.mjs'
import { inRoot } from './lib/paths.mjs'

const { values: options } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } })

if (!(await build())) process.exit(1)
const chosen = readdirSync(inRoot('scripts/bench'))
  .filter(file => file.endsWith('.bench.mjs'))
  .sort()
process.stdout.write(`${describeMachine()}\n`)
const figures = []
let broken = false
for (const file of chosen) {
  const suite = await import(`./bench/${file}`)
  const wanted = suite.names.some(name => !options.only || name.startsWith(options.only))
  if (!wanted) continue
  process.stderr.write(`measuring ${suite.names.join(', ')}\n`)
  try {
    figures.push(...(await suite.measure()))
  } catch (error) {
    broken = true
    process.stderr.write(`${file}: ${error.stack}\n`)
  }
}
if (figures.length === 0 && !broken) {
  process.stderr.write(`bench: no figure begins with ${options.only}\n`)
  process.exit(2)
}
process.stdout.write(`${table(figures)}\n`)
if (options.json) {
  const plain = figures.map(({ name, value, unit, baseline, ratio, target, met }) => ({
    name,
    value,
    unit,
    baseline,
    ratio,
    target,
    met,
  }))
  writeFileSync(options.json, `${JSON.stringify(plain, null, 2)}\n`)
}
process.exit(broken ? 1 : 0)
