import { lchown, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('publishing sites', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start()
  })
  after(() => sites?.stop())

  it("answers a new static site on IPv4 and IPv6 with a first page in its maker's language", async () => {
    await sites.create({ domain: 'one.test', runtime: 'static', aliases: ['www.one.test', '*.one.test'] })
    for (const family of [4, 6] as const)
      for (const host of ['one.test', 'www.one.test', 'anything.one.test']) {
        const answer = await sites.visit(host, { family })
        expect(answer.status, `${host} over IPv${family}`).to.equal(200)
        expect(answer.text).to.include('<h1>one.test is ready</h1>')
        expect(answer.headers.server).to.equal('nginx')
      }
  })

  it('answers unknown hosts with 404', async () => {
    for (const family of [4, 6] as const) expect((await sites.visit('unknown.test', { family })).status).to.equal(404)
  })

  it('tells its revision to this host', async () => {
    const answer = await sites.visit('one.test', { path: '/.well-known/nusantara-revision' })
    expect(answer.text).to.match(/^[0-9a-f-]{8,}$/)
  })

  it('serves an internationalized name', async () => {
    await sites.create({ domain: 'bücher.test', runtime: 'static' })
    expect((await sites.visit('xn--bcher-kva.test')).text).to.include('bücher.test is ready')
  })

  describe('the files of a static site', () => {
    let files: string
    before(async () => {
      const id = await sites.create({
        domain: 'files.test',
        runtime: 'static',
        documentRoot: 'web/public',
        index: ['start.html', 'index.html'],
        errorPages: { '404': '/lost.html' },
        uploadLimit: '1k',
      })
      files = join(await sites.filesOf(id), 'web/public')
    })

    it('are its own index, error pages and nothing hidden', async () => {
      await writeFile(join(files, 'start.html'), 'start')
      await writeFile(join(files, 'lost.html'), 'lost')
      await writeFile(join(files, '.env'), 'secret')
      await mkdir(join(files, '.well-known'))
      await writeFile(join(files, '.well-known/security.txt'), 'contact')
      expect((await sites.visit('files.test')).text).to.equal('start')
      expect(await sites.visit('files.test', { path: '/none' })).to.include({ status: 404, text: 'lost' })
      expect((await sites.visit('files.test', { path: '/.env' })).text).to.not.include('secret')
      expect((await sites.visit('files.test', { path: '/.well-known/security.txt' })).text).to.equal('contact')
    })

    it("are not a symlink to another user's file", async () => {
      // Whoever runs the tests, the link and the file must belong to different users.
      const link = join(files, 'stolen.txt')
      await symlink('/etc/hostname', link)
      if (process.getuid?.() === 0) await lchown(link, 65_534, 65_534)
      // try_files passes over what disable_symlinks refuses.
      expect((await sites.visit('files.test', { path: '/stolen.txt' })).status).to.equal(404)
      await writeFile(join(files, 'own.txt'), 'own')
      await symlink('own.txt', join(files, 'link.txt'))
      expect((await sites.visit('files.test', { path: '/link.txt' })).text).to.equal('own')
    })

    it("are not another user's, with a link in place of the document root", async () => {
      const id = await sites.create({ domain: 'linked.test', runtime: 'static' })
      const root = await sites.filesOf(id)
      await rm(join(root, 'public'), { recursive: true })
      await symlink('/etc', join(root, 'public'))
      if (process.getuid?.() === 0) await lchown(join(root, 'public'), 65_534, 65_534)
      expect((await sites.visit('linked.test', { path: '/hostname' })).status).to.equal(404)
    })

    it('stay where they are when the folder changes, and are never overwritten', async () => {
      const id = await sites.create({ domain: 'moving.test', runtime: 'static' })
      const root = await sites.filesOf(id)
      await writeFile(join(root, 'public/index.html'), 'mine')
      await mkdir(join(root, 'next'))
      await writeFile(join(root, 'next/index.html'), 'next')
      await sites.update(id, { documentRoot: 'next' })
      expect((await sites.visit('moving.test')).text).to.equal('next')
      await sites.update(id, { documentRoot: 'public' })
      expect((await sites.visit('moving.test')).text).to.equal('mine')
    })
  })

  describe('a proxied site', () => {
    let app: Server
    before(async () => {
      app = createServer((request, response) => {
        response.end(JSON.stringify({ url: request.url, headers: request.headers }))
      })
      app.on('upgrade', (request, socket) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: ${request.headers.connection}\r\n\r\n`,
        )
        socket.on('data', data => socket.end(`echo ${data.toString()}`))
      })
      await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
    })
    after(() => {
      app?.closeAllConnections()
      app?.close()
    })

    it('reaches the application with honest headers', async () => {
      const { port } = app.address() as AddressInfo
      await sites.create({ domain: 'app.test', runtime: { type: 'proxy', target: `http://localhost:${port}` } })
      const headers = { 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6', proxy: 'http://evil.test' }
      const answer = await sites.visit('app.test', { path: '/a/b?c=1', family: 6, headers })
      const seen = JSON.parse(answer.text) as { url: string; headers: Record<string, string> }
      expect(seen.url).to.equal('/a/b?c=1')
      expect(seen.headers).to.deep.include({ host: 'app.test', 'x-forwarded-for': '::1', 'x-real-ip': '::1' })
      expect(seen.headers).to.not.have.property('proxy')
    })

    it('passes WebSocket connections through', async () => {
      const echoed = await new Promise<string>((resolve, reject) => {
        const socket = connect(sites.panel.sites.http, '127.0.0.1')
        let text = ''
        socket.write('GET /ws HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
        socket.on('data', data => {
          if (!text && data.toString().startsWith('HTTP/1.1 101')) socket.write('hello')
          text += data.toString()
        })
        socket.on('end', () => resolve(text))
        socket.on('error', reject)
      })
      expect(echoed).to.match(/^HTTP\/1\.1 101 [\s\S]*echo hello$/)
    })

    it('reaches an application on a socket below its own run directory', async () => {
      const id = await sites.create({ domain: 'socket.test', runtime: { type: 'proxy', target: 'unix:app.sock' } })
      const { body } = await sites.admin.get(`/sites/${id}`)
      const path = `${sites.panel.home}/run/tenants/${body.tenant}/app.sock`
      expect((await sites.visit('socket.test')).status).to.equal(502)
      const server = createServer((_, response) => response.end('from the socket'))
      await new Promise<void>(resolve => server.listen(path, resolve))
      expect((await sites.visit('socket.test')).text).to.equal('from the socket')
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await rm(path, { force: true })
    })
  })

  it('redirects, keeping the path or not', async () => {
    await sites.create({ domain: 'old.test', runtime: { type: 'redirect', target: 'https://new.test/', status: 308 } })
    const kept = await sites.visit('old.test', { path: '/a?b=1' })
    expect(kept.status).to.equal(308)
    expect(kept.headers.location).to.equal('https://new.test/a?b=1')
    const target = { type: 'redirect' as const, target: 'https://new.test/landing?x=1', keepPath: false, status: 302 }
    await sites.create({ domain: 'older.test', runtime: target })
    const answer = await sites.visit('older.test', { path: '/a' })
    expect(answer).to.deep.include({ status: 302 })
    expect(answer.headers.location).to.equal('https://new.test/landing?x=1')
  })

  it('gives each PHP site a master of its own, which another site cannot stop', async () => {
    const master = async (domain: string) => {
      const id = await sites.create({ domain, runtime: { type: 'php' } })
      await writeFile(join(await sites.filesOf(id), 'public/index.php'), '<?php echo posix_getppid();')
      return { id, pid: (await sites.visit(domain)).text }
    }
    const [one, two] = [await master('one-php.test'), await master('two-php.test')]
    expect(
      [one.pid, two.pid].every(pid => /^[1-9]\d*$/.test(pid)),
      `${one.pid} ${two.pid}`,
    ).to.equal(true)
    expect(one.pid).to.not.equal(two.pid)
    await sites.update(one.id, { runtime: 'static' })
    expect((await sites.visit('two-php.test')).text).to.equal(two.pid)
  })

  it('runs PHP in a process of the site, with its settings and inside its own folders', async () => {
    const { body } = await sites.admin.get('/sites/runtimes')
    const version = body.php[0] as string
    const settings = { memory_limit: '99m', display_errors: true }
    const id = await sites.create({ domain: 'php.test', runtime: { type: 'php', settings }, uploadLimit: '33m' })
    const files = join(await sites.filesOf(id), 'public')
    await writeFile(
      join(files, 'index.php'),
      `<?php echo json_encode([PHP_VERSION, ini_get('memory_limit'), ini_get('upload_max_filesize'), ini_get('display_errors'), @file_get_contents('/etc/hostname'), $_SERVER['REQUEST_URI'], getenv('PATH')]);`,
    )
    for (const family of [4, 6] as const) {
      const answer = await sites.visit('php.test', { path: '/pretty/path?x=1', family })
      const [php, memory, upload, errors, foreign, uri, path] = JSON.parse(answer.text) as unknown[]
      expect(php).to.match(new RegExp(`^${version.replace('.', '\\.')}\\.`))
      expect([memory, upload, errors, foreign, uri, path]).to.deep.equal([
        '99m',
        '33m',
        'on' === errors ? 'on' : '1',
        false,
        '/pretty/path?x=1',
        false,
      ])
    }
    expect((await sites.visit('php.test', { path: '/none.php' })).status).to.equal(404)

    await sites.update(id, { runtime: { type: 'php', settings: { memory_limit: '77m' } } })
    expect((await sites.visit('php.test')).text).to.include('77m')

    await sites.update(id, { runtime: 'static' })
    const { body: status } = await sites.admin.get(`/sites/${id}`)
    expect(status.runtime).to.deep.equal({ type: 'static' })
    expect((await sites.visit('php.test', { path: '/index.php' })).text).to.not.include('77m')
  })
})
