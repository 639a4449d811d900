// Component tests in real Chromium. The sources are TypeScript, so the tests are bundled first; each test file is one page.
import { existsSync, globSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromeLauncher } from '@web/test-runner-chrome'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const outDir = join(root, '.test-output', 'components')
const patterns = ['sdk/src/ui/**/*.test.ts', 'ui-shell/src/**/*.test.ts', 'plugins/*/src/ui/**/*.test.ts']
const tests = patterns.flatMap(pattern => globSync(pattern, { cwd: root })).sort()

await build({
  configFile: false,
  root,
  publicDir: false,
  logLevel: 'error',
  resolve: {
    alias: {
      '@nusantara/sdk/ui/testing': join(root, 'sdk/src/ui/testing/fixture.ts'),
      '@nusantara/sdk/ui': join(root, 'sdk/src/ui/index.ts'),
    },
  },
  build: {
    target: 'es2024',
    outDir,
    emptyOutDir: true,
    minify: false,
    sourcemap: 'inline',
    rolldownOptions: {
      input: Object.fromEntries(tests.map(test => [test.replaceAll('/', '-').replace(/\.ts$/, ''), join(root, test)])),
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})

const chromium = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  path => path && existsSync(path),
)
if (!chromium) throw new Error('No Chromium was found; install the package chromium or set CHROME_PATH.')

export default {
  rootDir: root,
  files: `${relative(process.cwd(), outDir) || '.'}/*.test.js`,
  // Pages in the background do not draw, and focus belongs to one.
  concurrency: 1,
  testFramework: { config: { timeout: 5000 } },
  browsers: [
    chromeLauncher({
      launchOptions: {
        executablePath: chromium,
        args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking'],
      },
    }),
  ],
}
