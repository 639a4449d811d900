// Bundles the browser side with Vite: the one Lit file and the one UI-kit file that the import map offers, the shell, and
// the bundle of every plugin that has one. Writes ui-shell/dist/manifest.json, from which the server makes the page.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { build, runnerImport } from 'vite'
import { inRoot } from './lib/paths.mjs'
import { run } from './lib/run.mjs'

// Loading the preset would otherwise choose the development builds of Lit for everything after it.
process.env.NODE_ENV = 'production'

const shellDist = inRoot('ui-shell', 'dist')
/** Becomes `dist` when it is whole: a panel that runs meanwhile serves the old files to the end. */
const shellNext = inRoot('node_modules', '.cache', 'ui-shell')
const presetSource = inRoot('sdk', 'src', 'vite', 'index.ts')
/** Plugins in the checkout import the preset by its public name before the SDK is compiled. */
const preset = {
  resolve: { alias: { '@nusantara/sdk/vite': presetSource } },
  mode: 'production',
  logLevel: 'error',
  configFile: false,
}

async function load(file) {
  const { module } = await runnerImport(file, preset)
  return module
}

/** Everything a shared file offers, under one roof: the names of its modules do not collide. */
function roof(modules) {
  const id = '\0roof'
  return {
    name: 'nusantara:roof',
    resolveId: source => (source === 'roof' ? id : undefined),
    load: source => (source === id ? modules.map(name => `export * from '${name}'`).join('\n') : undefined),
  }
}

async function bundle(name, input, { external, plugins = [], preserveEntrySignatures = 'strict' }) {
  const [output] = [
    await build({
      configFile: false,
      root: inRoot('ui-shell'),
      base: '/',
      publicDir: false,
      logLevel: 'warn',
      plugins,
      build: {
        target: 'es2024',
        // They know light-dark() of the tokens.
        cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
        outDir: shellNext,
        emptyOutDir: false,
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: { [name]: input },
          external,
          preserveEntrySignatures,
          output: {
            format: 'es',
            entryFileNames: 'assets/[name]-[hash].js',
            chunkFileNames: 'assets/[name]-[hash].js',
            assetFileNames: 'assets/[name]-[hash][extname]',
          },
        },
      },
    }),
  ].flat()
  const entry = output.output.find(chunk => chunk.type === 'chunk' && chunk.isEntry)
  const styles = output.output.filter(asset => asset.fileName.endsWith('.css'))
  return { entry: `/${entry.fileName}`, styles: styles.map(asset => `${shellNext}/${asset.fileName}`) }
}

/** One short script as text, for the page itself. */
async function inlineScript(input) {
  const [output] = [
    await build({
      configFile: false,
      publicDir: false,
      logLevel: 'warn',
      build: { target: 'es2024', write: false, rolldownOptions: { input, output: { format: 'iife' } } },
    }),
  ].flat()
  const { code } = output.output[0]
  if (code.includes('</')) throw new Error(`${input} would end its own script element`)
  return code.trim()
}

/** Style sheets as one text, for the page itself: nothing waits for a file before it is painted. */
function inlineStyle(files) {
  const text = files.map(file => readFileSync(file, 'utf8').trim()).join('\n')
  if (text.includes('</') || text.includes('url(')) throw new Error('the style of the page is not its own')
  for (const file of files) rmSync(file)
  return text
}

async function buildShell({ compressDirectory, kitModule, litModules, oneCopy, sharedModules }) {
  rmSync(shellNext, { recursive: true, force: true })
  const lit = await bundle('lit', 'roof', { external: [], plugins: [roof(litModules)] })
  const kit = await bundle('kit', inRoot('sdk', 'src', 'ui', 'index.ts'), {
    external: litModules,
    plugins: [oneCopy(sharedModules)],
  })
  const shell = await bundle('shell', inRoot('ui-shell', 'src', 'main.ts'), {
    external: sharedModules,
    plugins: [oneCopy(sharedModules)],
    // Nobody imports the shell, so its chunks may take what they share from its entry.
    preserveEntrySignatures: false,
  })
  const early = await inlineScript(inRoot('ui-shell', 'src', 'early.ts'))
  const manifest = {
    imports: { ...Object.fromEntries(litModules.map(name => [name, lit.entry])), [kitModule]: kit.entry },
    entry: shell.entry,
    style: inlineStyle(shell.styles),
    icon: `data:image/svg+xml,${encodeURIComponent(readFileSync(inRoot('ui-shell', 'src', 'icon.svg'), 'utf8').trim())}`,
    early,
    preload: [lit.entry, kit.entry],
  }
  // For bundlers and test runners outside the shell; in the page the import map decides.
  mkdirSync(inRoot('sdk', 'dist', 'ui'), { recursive: true })
  cpSync(`${shellNext}${kit.entry}`, inRoot('sdk', 'dist', 'ui', 'index.js'))
  await compressDirectory(shellNext)
  writeFileSync(`${shellNext}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(shellDist, { recursive: true, force: true })
  renameSync(shellNext, shellDist)
}

/** Plugins with a `vite.config.ts` and a UI. */
function pluginsWithUi() {
  return readdirSync(inRoot('plugins')).filter(id => existsSync(inRoot('plugins', id, 'vite.config.ts')))
}

async function buildPlugin(id) {
  const root = inRoot('plugins', id)
  const { default: config } = await load(`${root}/vite.config.ts`)
  await build({ ...config, configFile: false, root, logLevel: 'warn' })
}

async function declareKit() {
  const args = [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('sdk', 'src', 'ui')]
  return run(process.execPath, args, { stdio: ['ignore', 2, 2] })
}

/** @returns {Promise<boolean>} whether everything was built */
export async function buildUi() {
  const declared = declareKit()
  try {
    const sdk = await load(presetSource)
    await buildShell(sdk)
    for (const id of pluginsWithUi()) await buildPlugin(id)
  } catch (error) {
    process.stderr.write(`nusantara: the browser side does not build: ${error.message}\n`)
    return false
  }
  return (await declared) === 0
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await buildUi()) ? 0 : 1
