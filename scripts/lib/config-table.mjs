// The README's configuration table is written from the keys themselves.
import { readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from './paths.mjs'

const begin = '<!-- configuration:begin -->'
const end = '<!-- configuration:end -->'

/** Markdown of the table. */
export function configTable(keys) {
  const rows = keys.map(({ key, env, schema, about }) => {
    const preset = schema.describe().flags?.default
    const shown =
      preset === undefined || (Array.isArray(preset) && preset.length === 0) ? '' : `\`${[preset].flat().join(',')}\``
    return `| \`${key}\` | ${env ? `\`${env}\`` : ''} | ${shown} | ${about} |`
  })
  return ['', '| key | environment | default | what |', '|---|---|---|---|', ...rows, ''].join('\n')
}

/** What is between the marks now. */
export function currentTable() {
  const text = readFileSync(inRoot('README.md'), 'utf8')
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end))
}

export function writeTable(table) {
  const text = readFileSync(inRoot('README.md'), 'utf8')
  writeFileSync(
    inRoot('README.md'),
    text.slice(0, text.indexOf(begin) + begin.length) + table + text.slice(text.indexOf(end)),
  )
}

/** A sentence when the README's table is not what the keys say. */
export async function checkConfigTable() {
  const { configKeys } = await import('../../kernel/dist/config/keys.js')
  return currentTable() === configTable(configKeys)
    ? []
    : ['README.md: the configuration table is out of date; run `npm run lint -- --fix`']
}
