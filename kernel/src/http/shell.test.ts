import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { object } from '@nusantara/sdk'
import { expect } from 'chai'
import { Catalogues } from '../i18n/catalogues.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import { UiRegistry } from './ui-registry.js'

const html = { Accept: 'text/html,application/xhtml+xml' }
const manifest = {
  imports: { lit: '/assets/lit-1.js', '@nusantara/sdk/ui': '/assets/kit-1.js', odd: '/assets/</script>.js' },
  entry: '/assets/shell-1.js',
  style: 'body{margin:0}',
  icon: 'data:image/svg+xml,"',
  early: 'document.title = "early"',
  preload: ['/assets/lit-1.js'],
}

const formPart = (key: string, permission: string, order?: number) => ({
  key,
  element: `nusa-shop-${key}`,
  permission,
  schema: object({}),
  steps: [],
  ...(order !== undefined && { order }),
})

describe('the web shell', () => {
  let server: HttpFixture
  let ui: UiRegistry
  let ani: SignedIn

  before(async () => {
    server = await HttpFixture.start()
    ui = server.container.resolve(UiRegistry)
    server.access.define('shop', { 'shop:use': {}, 'shop:other': {} })
    ani = await server.signIn(['shop:use'])
  })
  after(() => server.stop())

  it('that was not built says so', async () => {
    const answer = await server.ask('/', { headers: html })
    expect([answer.status, answer.json.code]).to.deep.equal([503, 'shell_missing'])
    await server.writeUi({
      'manifest.json': JSON.stringify(manifest),
      'assets/lit-1.js': 'export {}',
      'assets/shell-1.js': 'plain',
      'assets/shell-1.js.gz': gzipSync('packed'),
      'secret.txt': 'outside',
    })
  })

  it('is one page for every path outside the API, with exactly its two inline scripts and its style allowed', async () => {
    for (const path of ['/', '/sites', '/sites/7?tab=log', '/setup']) {
      const { status, text, headers } = await server.ask(path, { headers: html })
      expect(status, path).to.equal(200)
      const inline = [...text.matchAll(/<script type="importmap">(.*?)<\/script>/gs)].map(match => match[1] ?? '')
      expect(inline).to.have.length(1)
      expect(JSON.parse(inline[0] ?? '')).to.deep.equal({ imports: manifest.imports })
      expect(text).to.include(`<script>${manifest.early}</script>`)
      const hash = (inside: string) => `'sha256-${createHash('sha256').update(inside).digest('base64')}'`
      const hashes = [manifest.early, inline[0] ?? ''].map(hash)
      const policy = String(headers['content-security-policy'])
      expect(policy).to.include(`script-src 'self' ${hashes.join(' ')};`)
      for (const part of [
        "default-src 'none'",
        `style-src 'self' ${hash(manifest.style)}`,
        "require-trusted-types-for 'script'",
        'trusted-types lit-html',
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]) {
        expect(policy.split('; ')).to.include(part)
      }
      expect(policy).not.to.match(/unsafe/)
      expect(text).to.include('<script type="module" src="/assets/shell-1.js"></script>')
      expect(text).to.include(`<style>${manifest.style}</style>`)
      expect(text).to.include('<link rel="icon" href="data:image/svg+xml,&quot;">')
      expect([headers['cross-origin-opener-policy'], headers['referrer-policy']]).to.deep.equal([
        'same-origin',
        'no-referrer',
      ])
    }
  })

  it("speaks the reader's language from the first byte", async () => {
    expect((await server.ask('/', { headers: { ...html, 'Accept-Language': 'id' } })).text).to.include(
      '<html lang="id">',
    )
    expect((await server.ask('/', { headers: html })).text).to.include('<html lang="en">')
  })

  it('is no answer to a program, a missing file, or an unknown API path', async () => {
    for (const [path, headers] of [
      ['/sites', {}],
      ['/assets/none.js', html],
      ['/ui/shop/0/index.js', html],
      ['/api/v1/none', html],
      ['/api', html],
    ] as const) {
      const answer = await server.ask(path, { headers })
      expect([answer.status, answer.json.code], path).to.deep.equal([404, 'route_not_found'])
    }
  })

  it('serves the listed files, compressed where the build did, for ever', async () => {
    const plain = await server.ask('/assets/shell-1.js')
    expect([plain.text, plain.headers['content-type']]).to.deep.equal(['plain', 'text/javascript; charset=utf-8'])
    expect(plain.headers['cache-control']).to.equal('public, max-age=31536000, immutable')
    const packed = await server.ask('/assets/shell-1.js', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([packed.headers['content-encoding'], packed.headers.vary]).to.deep.equal(['gzip', 'Accept-Encoding'])
    expect(
      (await server.ask('/assets/lit-1.js', { headers: { 'Accept-Encoding': 'br' } })).headers,
    ).not.to.have.property('content-encoding')
  })

  for (const path of [
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
    '/assets/%252e%252e/secret.txt',
    '/assets//etc/passwd',
    '/assets/shell-1.js%00.css',
    '/assets/..\\secret.txt',
    '//assets/../secret.txt',
  ]) {
    it(`serves nothing outside them for ${path}`, async () => {
      const answer = await server.ask(path)
      expect(answer.status).to.be.within(400, 404)
      expect(answer.text).not.to.include('outside')
    })
  }

  it('shows each reader the pages, slots, form parts and bundles of their permissions', async () => {
    const directory = join(server.home, 'bundle')
    await mkdir(directory)
    await writeFile(join(directory, 'index.js'), 'export const shop = 1')
    const nav = { title: { code: 'shop.nav' }, icon: 'bag', order: 1 }
    const dispose = [
      ui.addBundle('shop', directory),
      ui.addPage('shop', { path: '/shop', element: 'nusa-shop', permission: 'shop:use', nav }),
      ui.addPage('shop', { path: '/shop/admin', element: 'nusa-shop-admin', permission: 'shop:other' }),
      ui.addSlot('shop', 'dashboard.cards', { element: 'nusa-shop-card', permission: 'shop:use', order: 2 }),
      ui.addSlot('shop', 'dashboard.cards', { element: 'nusa-shop-first', permission: 'shop:use', order: 1 }),
      ui.addFormPart('shop', 'bank.open', formPart('second', 'shop:use', 2)),
      ui.addFormPart('shop', 'bank.open', { ...formPart('first', 'shop:use', 1), title: { code: 'shop.part' } }),
      ui.addFormPart('shop', 'bank.open', formPart('secret', 'shop:other')),
    ]
    const { json } = await server.ask('/api/v1/shell', { as: ani })
    expect(json).to.deep.include({ profile: 'sandbox', signedIn: true, locales: ['en', 'id'] })
    expect(json.pages).to.deep.equal([{ plugin: 'shop', path: '/shop', element: 'nusa-shop', nav }])
    expect(json.slots['dashboard.cards'].map(({ element }: { element: string }) => element)).to.deep.equal([
      'nusa-shop-first',
      'nusa-shop-card',
    ])
    expect(json.extensions).to.deep.equal({
      'bank.open': [
        { plugin: 'shop', key: 'first', element: 'nusa-shop-first', title: { code: 'shop.part' }, order: 1 },
        { plugin: 'shop', key: 'second', element: 'nusa-shop-second', order: 2 },
      ],
    })
    const bundle = await server.ask(json.bundles.shop)
    expect([bundle.text, bundle.headers['cache-control']]).to.deep.equal([
      'export const shop = 1',
      'public, max-age=31536000, immutable',
    ])
    for (const as of [undefined, await server.signIn(['shop:use'], 'totp_required'), await server.signIn([])]) {
      const shell = (await server.ask('/api/v1/shell', as && { as })).json
      expect([shell.pages, shell.slots, shell.extensions, shell.bundles]).to.deep.equal([[], {}, {}, {}])
    }
    expect((await server.ask('/api/v1/shell')).json).not.to.have.any.keys('version', 'profile')
    for (const remove of dispose) remove()
    expect((await server.ask(json.bundles.shop)).status).to.equal(404)
  })

  it('stays whole for a plugin whose bundle was not built', async () => {
    const dispose = [
      ui.addBundle('shop', join(server.home, 'never-built')),
      ui.addPage('shop', { path: '/shop', element: 'nusa-shop', permission: 'shop:use' }),
    ]
    const { status, json } = await server.ask('/api/v1/shell', { as: ani })
    expect([status, json.pages.length, json.bundles]).to.deep.equal([200, 1, {}])
    for (const remove of dispose) remove()
  })

  it("refuses an element that is not the plugin's, and a path that is taken", () => {
    expect(() => ui.addPage('shop', { path: '/x', element: 'nusa-bank', permission: 'shop:use' })).to.throw('nusa-shop')
    const remove = ui.addPage('shop', { path: '/x', element: 'nusa-shop', permission: 'shop:use' })
    expect(() => ui.addPage('bank', { path: '/x', element: 'nusa-bank', permission: 'bank:use' })).to.throw(
      'has this path',
    )
    remove()
    for (const path of ['/jobs', '/plugins/shop', '/api/v1/x', '/assets/x', '/sign-in', 'shop', '/shop?x', '/:any/'])
      expect(() => ui.addPage('shop', { path, element: 'nusa-shop', permission: 'shop:use' }), path).to.throw('page')
    const { permission: _nobody, ...forNobody } = formPart('part', 'shop:use')
    expect(() => ui.addFormPart('shop', 'bank.open', forNobody)).to.throw('it names no permission')
    const foreign = { ...formPart('part', 'shop:use'), element: 'nusa-bank-part' }
    expect(() => ui.addFormPart('shop', 'bank.open', foreign)).to.throw('nusa-shop')
  })

  it('gets its texts with an entity tag, those of plugins only after sign-in', async () => {
    const remove = server.container.resolve(Catalogues).add('shop', 'id', { 'shop.nav': 'Toko' })
    const stranger = await server.ask('/api/v1/messages/id')
    expect(Object.keys(stranger.json)).to.deep.equal(['kernel'])
    const known = await server.ask('/api/v1/messages/id', { as: ani })
    expect(known.json.shop).to.deep.equal({ 'shop.nav': 'Toko' })
    const again = { as: ani, headers: { 'If-None-Match': known.headers.etag ?? '' } }
    expect((await server.ask('/api/v1/messages/id', again)).status).to.equal(304)
    remove()
    expect((await server.ask('/api/v1/messages/id', again)).status).to.equal(200)
    expect((await server.ask('/api/v1/messages/fr')).status).to.equal(422)
  })
})
