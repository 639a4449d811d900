// Every test there is, one kind after the other. The last line is the sum of what they counted.

import { inRoot } from './lib/paths.mjs'
import { capture } from './lib/run.mjs'

const kinds = ['scripts/test.mjs', 'scripts/test-system.mjs']
const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/
const sum = [0, 0, 0]
let broken = false

for (const kind of kinds) {
  const started = Date.now()
  const { code, output } = await capture(process.execPath, ['--enable-source-maps', inRoot(kind)], {
    onOutput: chunk => process.stdout.write(chunk),
  })
  const found = counts.exec(output.trimEnd().split('\n').at(-1) ?? '')
  for (const index of sum.keys()) sum[index] += Number(found?.[index + 1] ?? 0)
  // What ends without its count, or badly with a good one, has failed all the same.
  if (!found || (code !== 0 && found[2] === '0')) sum[1]++
  broken ||= code !== 0
  process.stdout.write(`${kind} took ${((Date.now() - started) / 60_000).toFixed(1)} minutes\n`)
}
const [passed, failed, skipped] = sum
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = broken || failed > 0 ? 1 : 0
