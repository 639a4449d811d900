// `npm run test:system [-- WORD …]`: the built package on whole Debian servers, each test file on each distribution; a word
// chooses those whose name contains it (`debian-13`, `install`, `debian-12/install`).
// `NUSA_SYSTEM_PACKAGE` names a package that was built before. The last line is `N passed, N failed, N skipped` over everything.
import { availableParallelism } from 'node:os'
import { basename, relative } from 'node:path'
import { build } from './build.mjs'
import { ensureHostPackages, forServers } from './lib/host-packages.mjs'
import { inRoot, root } from './lib/paths.mjs'
import { refusal, withServers } from './lib/servers.mjs'
import { filesBelow } from './lib/sources.mjs'
import { mochaSuite, sideBySide, Total } from './lib/suites.mjs'

const words = process.argv.slice(2)
const chosen = name => words.length === 0 || words.some(word => name.includes(word))
const total = new Total()

function stop(reason) {
  process.stdout.write(`${reason}\n`)
  total.failed++
  total.finish()
}

if (refusal()) stop(refusal())
total.missing(await ensureHostPackages(forServers))
if (!(await build())) stop('the build failed; its messages are above')

const [{ distributions }, { runDirectory }] = await Promise.all(
  ['distribution', 'places'].map(name => import(`../test/dist/system/server/${name}.js`)),
)

/** What takes longest begins first, so that no lane works alone at the end. */
const longest = ['upgrade', 'stack', 'on-demand', 'install']
const rank = file => longest.toReversed().indexOf(basename(file, '.test.ts'))

/** Servers side by side. One more than there are processors: each waits half of its time, for a boot or for what is idle to leave. */
const lanes = availableParallelism() + 1

/** Each file on each distribution. */
function suites(env) {
  const files = filesBelow('test/src/system').filter(file => file.endsWith('.test.ts'))
  files.sort((a, b) => rank(b) - rank(a))
  return files.flatMap(file =>
    Object.keys(distributions).map(debian =>
      mochaSuite(
        `debian-${debian}/${basename(file, '.test.ts')}`,
        [relative(root, file).replace('/src/', '/dist/').replace(/\.ts$/, '.js')],
        {
          timeout: 600_000,
          minutes: 20,
          options: ['--require', inRoot('test/dist/system/server/hooks.js')],
          env: { ...env, NUSA_SYSTEM_DEBIAN: debian },
        },
      ),
    ),
  )
}

try {
  await withServers(Object.values(distributions), async file => {
    const env = { NUSA_SYSTEM_RUN: runDirectory(), NUSA_SYSTEM_PACKAGE: file }
    const wanted = suites(env).filter(suite => chosen(suite.name))
    await sideBySide(wanted, lanes, total)
  })
} catch (error) {
  process.stdout.write(`${error.stack}\n`)
  total.failed++
}
total.finish()
