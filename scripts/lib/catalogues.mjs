// Both languages hold the same messages with the same arguments, every problem that can be thrown has a text and a remedy, and
// every permission says in words what it allows.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { inRoot, root } from './paths.mjs'
import { filesBelow } from './sources.mjs'

const read = file => JSON.parse(readFileSync(file, 'utf8'))

/** Names of the arguments of an ICU message, through all its branches. */
function argumentsOf(text) {
  const names = new Set()
  const walk = nodes => {
    for (const node of nodes) {
      if (node.type >= 1 && node.type <= 6) names.add(node.value)
      for (const branch of Object.values(node.options ?? {})) walk(branch.value)
    }
  }
  walk(new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst())
  return [...names].sort().join(',')
}

/** Pairs of catalogue files: English and Indonesian. */
export function cataloguePairs() {
  const pairs = []
  for (const folder of [
    'kernel/locales',
    'ui-shell/locales',
    'sdk/locales',
    ...readdirSync(inRoot('plugins')).map(id => `plugins/${id}/locales`),
  ]) {
    if (!existsSync(inRoot(folder))) continue
    for (const name of readdirSync(inRoot(folder))) {
      if (!/(^|\.)en\.json$/.test(name)) continue
      pairs.push([inRoot(folder, name), inRoot(folder, name.replace(/en\.json$/, 'id.json'))])
    }
  }
  return pairs
}

function comparePair([english, indonesian]) {
  const name = relative(root, indonesian)
  if (!existsSync(indonesian)) return [`${name}: is missing`]
  const en = read(english)
  const id = read(indonesian)
  const problems = []
  for (const key of Object.keys(en)) {
    if (!(key in id)) problems.push(`${name}: lacks ${key}`)
    else if (argumentsOf(en[key]) !== argumentsOf(id[key]))
      problems.push(`${name}: ${key} uses other arguments than the English text`)
  }
  for (const key of Object.keys(id)) if (!(key in en)) problems.push(`${relative(root, english)}: lacks ${key}`)
  return problems
}

function undescribedProblems() {
  const known = new Set(cataloguePairs().flatMap(([english]) => Object.keys(read(english))))
  const problems = []
  for (const file of ['kernel/src', 'sdk/src', 'plugins'].flatMap(filesBelow)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
    for (const [, code] of readFileSync(file, 'utf8').matchAll(/defineProblem(?:<[^>]*>+)?\(\s*'([^']+)'/g)) {
      for (const key of [`problem.${code}`, `problem.${code}.remedy`]) {
        if (!known.has(key)) problems.push(`${relative(root, file)}: no catalogue holds ${key}`)
      }
    }
  }
  return problems
}

/** Of the kernel, where its routes declare them, and of plugins, by their manifests. */
function declaredPermissions() {
  const found = []
  for (const file of filesBelow('kernel/src')) {
    if (!file.endsWith('.routes.ts')) continue
    for (const [, declared] of readFileSync(file, 'utf8').matchAll(/access\.define\('kernel', \{(.*?)\}\)/gs))
      for (const [, name] of declared.matchAll(/'([a-z-]+:[a-z-]+)'/g)) found.push({ name, file: relative(root, file) })
  }
  for (const id of readdirSync(inRoot('plugins'))) {
    const file = `plugins/${id}/package.json`
    if (!existsSync(inRoot(file))) continue
    for (const name of Object.keys(read(inRoot(file)).nusantara?.permissions ?? {})) found.push({ name, file })
  }
  return found
}

function undescribedPermissions() {
  const known = new Set(cataloguePairs().flatMap(([english]) => Object.keys(read(english))))
  return declaredPermissions()
    .filter(({ name }) => !known.has(`permission.${name}`))
    .map(({ name, file }) => `${file}: no catalogue holds permission.${name}`)
}

export function checkCatalogues() {
  return [...cataloguePairs().flatMap(comparePair), ...undescribedProblems(), ...undescribedPermissions()]
}
