// Style and format, import boundaries, catalogues, the browser side's types. Each is one check of the test run.
import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { checkBoundaries } from './lib/boundaries.mjs'
import { checkCatalogues } from './lib/catalogues.mjs'
import { checkConfigTable, configTable, writeTable } from './lib/config-table.mjs'
import { inRoot } from './lib/paths.mjs'
import { capture } from './lib/run.mjs'

const browserProjects = [
  'sdk/src/ui/tsconfig.json',
  'ui-shell/tsconfig.json',
  ...readdirSync(inRoot('plugins')).map(id => `plugins/${id}/src/ui/tsconfig.json`),
]

const sentences = async check => {
  const problems = await check()
  return { ok: problems.length === 0, output: problems.join('\n') }
}
const command = async (...args) => {
  const { code, output } = await capture(process.execPath, args)
  return { ok: code === 0, output }
}

const checks = {
  'style and format': () =>
    command(inRoot('node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'),
  boundaries: () => sentences(checkBoundaries),
  catalogues: () => sentences(checkCatalogues),
  'messages of the browser side': () => command(inRoot('ui-shell/scripts/check-messages.mjs')),
  'configuration table': () => sentences(checkConfigTable),
  ...Object.fromEntries(
    browserProjects
      .filter(project => existsSync(inRoot(project)))
      .map(project => [
        `types of ${project}`,
        () => command(inRoot('node_modules/typescript/bin/tsc'), '--noEmit', '-p', project),
      ]),
  ),
}

/** @returns {Promise<{passed: number, failed: number, output: string}>} */
export async function lint() {
  const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => ({ name, ...(await check()) })))
  const failed = results.filter(result => !result.ok)
  const lines = results.map(({ name, ok, output }) => `  ${ok ? '✔' : '✖'} ${name}${ok ? '' : `\n${output}`}`)
  return { passed: results.length - failed.length, failed: failed.length, output: `lint\n${lines.join('\n')}\n` }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--fix')) {
    const { configKeys } = await import('../kernel/dist/config/keys.js')
    writeTable(configTable(configKeys))
    await command(inRoot('node_modules/@biomejs/biome/bin/biome'), 'check', '--write', '.')
  }
  const { failed, output } = await lint()
  process.stdout.write(output)
  process.exitCode = failed ? 1 : 0
}
