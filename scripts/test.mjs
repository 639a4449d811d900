// `npm test [-- WORD …]`: lint, then every suite whose name contains one of the words (default: all), side by side.
// The last line is `N passed, N failed, N skipped` over everything.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { build } from './build.mjs'
import { ensureHostPackages, forTests } from './lib/host-packages.mjs'
import { inRoot, root } from './lib/paths.mjs'
import { filesBelow } from './lib/sources.mjs'
import { count, mochaSuite, sideBySide, Total } from './lib/suites.mjs'
import { lint } from './lint.mjs'

const words = process.argv.slice(2)
const chosen = name => words.length === 0 || words.some(word => name.includes(word))
const total = new Total()

/** Test sources by suite: one suite an area, so that areas run side by side. Compiled leftovers of deleted tests never run. */
function mochaSuites() {
  const suites = new Map()
  for (const file of ['kernel', 'sdk', 'migrations', 'plugins', 'test', 'scripts'].flatMap(filesBelow)) {
    const path = relative(root, file)
    if (!/\.test\.(ts|mjs)$/.test(path) || path.includes('/ui/')) continue
    // `npm run test:system` boots whole servers for these.
    if (path.startsWith('test/src/system/')) continue
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
  return [...suites].map(([name, files]) => mochaSuite(name, files))
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

total.missing(await ensureHostPackages(forTests))
if (!(await build())) {
  process.stdout.write('the build failed; its messages are above\n')
  total.failed++
  total.finish()
}
if (chosen('lint')) {
  const result = await lint()
  process.stdout.write(result.output)
  total.add(result)
}
await sideBySide(
  [...mochaSuites(), ...componentSuite()].filter(suite => chosen(suite.name)),
  availableParallelism(),
  total,
)
total.finish()
