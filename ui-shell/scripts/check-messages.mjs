// Every text that the browser side asks for exists in both languages, nothing is left over, and both languages take the same
// arguments. Run: node ui-shell/scripts/check-messages.mjs; fails with one line for each finding.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, TYPE } from '@formatjs/icu-messageformat-parser'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const read = file => readFileSync(join(root, file), 'utf8')
const catalogue = file => JSON.parse(read(file))
/** A pattern after `!` takes files out again. */
const sourcesOf = patterns =>
  patterns
    .filter(pattern => !pattern.startsWith('!'))
    .flatMap(pattern => globSync(pattern, { cwd: root }))
    .filter(file => !/\.test\.ts$|\/testing\//.test(file))
    .filter(file => !patterns.some(pattern => pattern.startsWith('!') && matchesGlob(file, pattern.slice(1))))
    .map(read)
    .join('\n')

/** `t('key'` and `t(condition ? 'a' : 'b'` literally, and prefixes of `t(\`state.${…}`. */
function asked(source) {
  const keys = new Set()
  const prefixes = new Set()
  for (const [, argument] of source.matchAll(/\bt\(\s*([^\n]*)/g)) {
    const own = argument.split(/,\s*\{/)[0]
    for (const [, key] of own.matchAll(/'([a-z][\w.-]*)'/g))
      if (key.includes('.') || own.startsWith(`'${key}'`)) keys.add(key)
    for (const [, prefix] of own.matchAll(/^`([\w.-]*)\$\{/g)) prefixes.add(prefix)
  }
  return { keys, prefixes }
}

/** Names of a message's arguments, and which of them choose: `count`, `runAs:select`. Not every language has plurals. */
function argumentsOf(text) {
  const found = new Set()
  const walk = parts => {
    for (const part of parts) {
      if (part.type === TYPE.literal || part.type === TYPE.pound) continue
      found.add(`${part.value}${part.type === TYPE.select ? ':select' : ''}`)
      for (const option of Object.values(part.options ?? {})) walk(option.value)
    }
  }
  walk(parse(text, { ignoreTag: true }))
  return [...found].sort().join()
}

const problems = []

/**
 * @param name for messages to the reader
 * @param directory holds en.json and id.json, or with `part` people.en.json and people.id.json
 * @param patterns the sources that use it
 * @param concerns which of its keys are for the browser side alone, and therefore have to be used here
 * @param elsewhere keys that sources may ask for although another catalogue has them
 */
function check(name, directory, patterns, concerns, elsewhere = () => false, part = '') {
  const en = catalogue(`${directory}/${part}en.json`)
  const id = catalogue(`${directory}/${part}id.json`)
  const source = sourcesOf(patterns)
  const { keys, prefixes } = asked(source)
  /** Also keys that are made first and asked for later. */
  const begun = [...source.matchAll(/`([a-z][\w-]*\.(?:[\w.-]*\.)?)\$\{/g)].map(([, prefix]) => prefix)
  for (const key of keys) if (!(key in en) && !elsewhere(key)) problems.push(`${name}: ${key} is asked for and missing`)
  for (const prefix of prefixes)
    if (!Object.keys(en).some(key => key.startsWith(prefix)) && !elsewhere(prefix))
      problems.push(`${name}: no key begins with ${prefix}`)
  for (const key of new Set([...Object.keys(en), ...Object.keys(id)])) {
    if (!(key in id)) problems.push(`${name}: ${key} is missing in Bahasa Indonesia`)
    else if (!(key in en)) problems.push(`${name}: ${key} is missing in English`)
    else if (argumentsOf(en[key]) !== argumentsOf(id[key]))
      problems.push(`${name}: ${key} takes other arguments in each language`)
    const used = source.includes(`'${key}'`) || begun.some(prefix => key.startsWith(prefix))
    if (concerns(key) && !used) problems.push(`${name}: ${key} is used nowhere`)
  }
}

const shell = catalogue('ui-shell/locales/en.json')
/** Problems are worded by their code, which comes from the server or from `new ApiProblem({code})`. */
const codes = sourcesOf(['sdk/src/ui/**/*.ts', 'ui-shell/src/**/*.ts'])
const worded = key => {
  const code = /^problem\.(.+?)(\.remedy)?$/.exec(key)?.[1]
  return code !== undefined && (codes.includes(`'${code}'`) || code.startsWith('job_'))
}

/** Pages whose texts come with them, not with the shell: the part of `locales/<part>.<language>.json`, and its sources. */
const parts = {
  people: ['ui-shell/src/pages/people/*.ts', 'ui-shell/src/pages/account*.ts', 'ui-shell/src/pages/token-new.ts'],
  settings: ['ui-shell/src/pages/settings/*.ts'],
  welcome: ['ui-shell/src/pages/welcome/*.ts'],
}
const inShell = key => key in shell || Object.keys(shell).some(known => known.startsWith(key))

check(
  'shell',
  'ui-shell/locales',
  [
    'sdk/src/ui/**/*.ts',
    'ui-shell/src/**/*.ts',
    ...Object.values(parts)
      .flat()
      .map(pattern => `!${pattern}`),
  ],
  key => !worded(key),
  key => key.startsWith('problem.'),
)
for (const [part, patterns] of Object.entries(parts))
  check(`shell: ${part}`, 'ui-shell/locales', patterns, () => true, inShell, `${part}.`)
for (const directory of globSync('plugins/*/src/ui', { cwd: root })) {
  const plugin = dirname(dirname(directory))
  check(
    plugin,
    `${plugin}/locales`,
    [`${directory}/**/*.ts`],
    key => key.startsWith('ui.'),
    key => key in shell,
  )
}

for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length) process.exitCode = 1
else process.stdout.write('All texts of the browser side are there in both languages.\n')
