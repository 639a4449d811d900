// Who may import whom, and which words the kernel may not know (README, "Where things are").
// A plugin's pages import `lit` without declaring it: the shell's import map gives every page the one shared copy.
import { existsSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { inRoot, root } from './paths.mjs'
import { filesBelow } from './sources.mjs'

const featureWords =
  /\b(?:nginx|apache|php|fpm|mysql|mariadb|redis|restic|borg|letsencrypt|acme|certbot|pebble|wordpress|composer|proftpd|postfix)\w*/i
const importPattern = /(?:from\s+|import\s*\(\s*|import\s+|require\s*\(\s*)['"]([^'"]+)['"]/g
const isTest = path => /(\.test\.ts$|\/testing\/|\/fixtures\/|^test\/)/.test(path)
/** The one exception to "only the broker starts processes": telling the service manager that the panel is ready. */
const serviceNotify = 'kernel/src/host/service-notify.ts'
const spawners = /^(?:node:)?child_process$|^execa$/
/** Costs every process that does it 13 MB; types cost nothing. */
const importsHttp = /^import (?!type\b)[^'"]*['"](?:node:)?http['"]|(?<!typeof )\bimport\(['"](?:node:)?http['"]\)/m
const nodeHttp = 'kernel/src/host/node-http.ts'

/** Names of the packages a plugin declares. */
function declared(plugin) {
  const file = inRoot('plugins', plugin, 'package.json')
  if (!existsSync(file)) return []
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'))
  return Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })
}

function packageOf(specifier) {
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
}

/** Where a relative import leads, from the checkout's root. */
function target(path, specifier) {
  return specifier.startsWith('.') ? relative(root, inRoot(path, '..', specifier)) : undefined
}

function importProblem(path, specifier) {
  const area = path.split('/')[0]
  if (['kernel', 'sdk', 'ui-shell', 'migrations'].includes(area)) {
    if (/^@nusantara\/plugin-/.test(specifier) || target(path, specifier)?.startsWith(`plugins${sep}`))
      return `imports the plugin ${specifier}`
    const maySpawn = path.startsWith('kernel/src/broker/') || path === serviceNotify || isTest(path)
    if (spawners.test(specifier) && !maySpawn) return `imports ${specifier}; only the broker starts processes`
  }
  if (area === 'plugins') {
    const plugin = path.split('/')[1]
    if (spawners.test(specifier) && !isTest(path)) return `imports ${specifier}; only the broker starts processes`
    if (specifier.startsWith('.')) {
      if (!target(path, specifier).startsWith(`plugins${sep}${plugin}${sep}`))
        return `reaches outside its package: ${specifier}`
      return undefined
    }
    if (specifier.startsWith('node:') || packageOf(specifier) === '@nusantara/sdk') return undefined
    if (path.includes('/ui/') && packageOf(specifier) === 'lit') return undefined
    if (specifier.startsWith('@nusantara/plugin-'))
      return specifier.endsWith('/api') ? undefined : `imports ${specifier}; of other plugins only /api`
    if (specifier.startsWith('@nusantara/')) return `imports ${specifier}; plugins see the SDK only`
    if (!declared(plugin).includes(packageOf(specifier)) && !isTest(path))
      return `imports ${specifier}, which its package.json does not declare`
  }
  return undefined
}

/** What is wrong in one source file, as sentences. `path` is relative to the checkout. */
export function boundaryProblems(path, text) {
  const problems = []
  for (const [, specifier] of text.matchAll(importPattern)) {
    const problem = importProblem(path, specifier)
    if (problem) problems.push(problem)
  }
  if (/^(kernel|sdk|plugins)\//.test(path) && !isTest(path) && importsHttp.test(text))
    problems.push(`imports node:http; ${nodeHttp} says why not`)
  if (/^(kernel|sdk|ui-shell)\//.test(path) && !isTest(path)) {
    text.split('\n').forEach((line, index) => {
      const word = featureWords.exec(line)?.[0]
      if (word) problems.push(`line ${index + 1} knows the feature “${word}”`)
    })
  }
  return problems
}

/** Every problem of the checkout as `path: sentence`. */
export function checkBoundaries() {
  return ['kernel', 'sdk', 'ui-shell', 'migrations', 'plugins', 'test']
    .flatMap(filesBelow)
    .filter(file => /\.(ts|mts|js|mjs)$/.test(file))
    .flatMap(file => {
      const path = relative(root, file)
      return boundaryProblems(path, readFileSync(file, 'utf8')).map(problem => `${path}: ${problem}`)
    })
}
