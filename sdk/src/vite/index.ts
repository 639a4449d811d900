import type { UserConfig } from 'vite'
import { compress } from './compress.js'
import { oneCopy } from './one-copy.js'
import { sharedModules } from './shared-modules.js'

export { compress, compressDirectory } from './compress.js'
export { oneCopy } from './one-copy.js'
export { kitModule, litModules, sharedModules } from './shared-modules.js'

export interface UiBundleOptions {
  /** Default `src/ui/index.ts`: the module that defines the plugin's elements. */
  readonly entry?: string
  /** Default `dist/ui`. */
  readonly outDir?: string
}

/**
 * Vite configuration of a plugin's UI bundle: `dist/ui/index.js` and its chunks, compressed beside. Lit and the UI kit
 * stay imports, which the page's import map resolves; a bundle that holds its own copy of them does not build.
 *
 * `export default uiBundle()` in the plugin's `vite.config.ts` is all it takes.
 */
export function uiBundle(options: UiBundleOptions = {}): UserConfig {
  return {
    // Plugins are served below /ui/<plugin>/<hash>/, a path no build knows.
    base: './',
    publicDir: false,
    plugins: [oneCopy(sharedModules), compress()],
    build: {
      target: 'es2024',
      outDir: options.outDir ?? 'dist/ui',
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      cssMinify: true,
      rolldownOptions: {
        input: { index: options.entry ?? 'src/ui/index.ts' },
        preserveEntrySignatures: 'strict',
        external: [...sharedModules],
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          assetFileNames: 'assets/[name]-[hash][extname]',
        },
      },
    },
  }
}
