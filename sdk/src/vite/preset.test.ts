import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { expect } from 'chai'
import { build } from 'vite'
import { uiBundle } from './index.js'

const lit = dirname(createRequire(import.meta.url).resolve('lit'))

describe('the Vite preset', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'nusa-preset-'))
    await mkdir(join(root, 'src', 'ui'), { recursive: true })
  })
  afterEach(() => rm(root, { recursive: true }))

  async function bundle(source: string): Promise<string> {
    await writeFile(join(root, 'src', 'ui', 'index.ts'), source)
    await build({ ...uiBundle(), configFile: false, root, logLevel: 'silent', resolve: { alias: { own: lit } } })
    return readFile(join(root, 'dist', 'ui', 'index.js'), 'utf8')
  }

  it('leaves Lit and the UI kit to the import map, and compresses beside', async () => {
    const code = await bundle(`import { html } from 'lit'
      import { classMap } from 'lit/directives/class-map.js'
      import { NusaElement } from '@nusantara/sdk/ui'
      export class A extends NusaElement { render() { return html\`<i class=\${classMap({})}></i>\` } }`)
    for (const name of ['lit', 'lit/directives/class-map.js', '@nusantara/sdk/ui']) expect(code).to.include(`"${name}"`)
    const files = await readdir(join(root, 'dist', 'ui'))
    expect(files).to.include.members(['index.js', 'index.js.br', 'index.js.gz'])
    expect(brotliDecompressSync(await readFile(join(root, 'dist', 'ui', 'index.js.br'))).toString()).to.equal(code)
  })

  it('fails when a bundle would hold a second copy of Lit, and says who imports it and what to import instead', async () => {
    const error: unknown = await bundle(`import { html } from 'own/static-html.js'; console.log(html)`).catch(
      thrown => thrown,
    )
    expect(error).to.be.an('error')
    expect((error as Error).message).to.match(/second copy of lit.*imported by.*index\.ts.*import one of lit, /s)
  })

  it('refuses a copy of Web Awesome, whose elements can be registered once, also where it is not installed', async () => {
    const copy = join(root, 'node_modules', '@awesome.me', 'webawesome')
    await mkdir(copy, { recursive: true })
    await writeFile(
      join(copy, 'package.json'),
      JSON.stringify({ name: '@awesome.me/webawesome', exports: './index.js' }),
    )
    await writeFile(join(copy, 'index.js'), "customElements.define('wa-button', class extends HTMLElement {})")
    const error = await bundle("import '@awesome.me/webawesome'").catch((thrown: unknown) => thrown)
    expect((error as Error).message).to.match(/second copy of @awesome\.me\/webawesome.*imported by.*index\.ts/s)
  })
})
