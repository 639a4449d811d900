// The programs of a server as few files. A panel of a thousand modules needs half again the time to start and holds every
// comment of them in memory (measured: 1.0 and 0.6 s, 111 and 90 MB); a person who opens a resting panel waits for it.
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { rolldown } from 'rolldown'
import { inRoot } from '../lib/paths.mjs'
import { native } from './modules.mjs'

/** What systemd, the panel, the broker and the package's own scripts start, and what plugins import. */
const entries = [
  'kernel/dist/main.js',
  'kernel/dist/audit/audit-worker.js',
  'kernel/dist/auth/password-worker.js',
  'kernel/dist/broker/main.js',
  'kernel/dist/broker/recover.js',
  'kernel/dist/broker/rest.js',
  'kernel/dist/cli/main.js',
  'kernel/dist/health/sqlite-scan.js',
  'kernel/dist/upgrade/main.js',
  'sdk/dist/index.js',
  'sdk/dist/problem.js',
]
/** Drivers that knex and pg name for databases that the panel has not. */
const drivers = [
  'mariadb/callback',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
]
/** Circles of modules and needless caution in loading them do no harm. */
const harmlessWarnings = ['CIRCULAR_DEPENDENCY', 'EVAL', 'INEFFECTIVE_DYNAMIC_IMPORT']
/** The one module that asks where it stands, in order to find files. */
const places = 'kernel/dist/host/places.js'
/** Asking in order to find a package, or who owns the code, is answered alike in a bundle. */
const harmless =
  /createRequire\(import\.meta\.url\)|import\.meta\.resolve\(|statSync\(fileURLToPath\(import\.meta\.url\)\)/g
const waiting = /^\s*const require = createRequire\(import\.meta\.url\);$/gm

/**
 * Our own modules: one that looks for a file beside itself would find none, and `require` of a package is an import that
 * waits, bundled as such.
 */
const ours = {
  name: 'ours',
  transform(code, id) {
    const path = relative(inRoot(), id)
    if (path.startsWith('node_modules/') || path === places) return
    if (code.replaceAll(harmless, '').includes('import.meta.url'))
      throw new Error(`${path} asks where it stands; let it ask kernel/src/host/places.ts`)
    return code.replaceAll(waiting, '')
  },
}

/** Decorators of tsyringe need this before them; chunks are not loaded in the order of the imports that led to them. */
const reflecting = {
  name: 'reflecting',
  transform(code, id) {
    if (/\/node_modules\/tsyringe\/dist\/cjs\/index\.js$/.test(id)) return `require('reflect-metadata');\n${code}`
  },
}

const escaped = code => code.replaceAll(/[^\0-\x7f]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** One character beyond Latin-1 doubles what V8 keeps of the whole file. */
const ascii = {
  name: 'ascii',
  generateBundle(_, files) {
    for (const file of Object.values(files)) if (file.type === 'chunk') file.code = escaped(file.code)
  },
}

/**
 * @param input entries by their names, which are paths below `directory`
 * @throws when a module is not there, or would not find its files
 */
export async function bundle(input, external, directory) {
  const warnings = []
  const build = await rolldown({
    input,
    external: [...native, ...drivers, ...external],
    platform: 'node',
    plugins: [ours, reflecting, ascii],
    onLog: (level, { code, message }) => {
      if (level === 'warn' && !harmlessWarnings.includes(code)) warnings.push(message)
    },
  })
  await build.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'kernel/dist/parts/[name]-[hash].js',
    // Lines stay: Node prints the one that threw.
    comments: false,
  })
  await build.close()
  if (warnings.length > 0) throw new Error(`the programs cannot be bundled:\n${warnings.join('\n')}`)
}

/** Lays the programs out below `directory`, each where it stands in a checkout. */
export async function layPrograms(directory) {
  const named = files => Object.fromEntries(files.map(file => [file.replace(/\.js$/, ''), inRoot(file)]))
  await bundle(named(entries), [], directory)
  // A plugin shares the SDK of the panel that loads it.
  for (const id of readdirSync(inRoot('plugins')))
    await bundle(named([`plugins/${id}/dist/server/index.js`]), [/^@nusantara\/sdk/], directory)
}
