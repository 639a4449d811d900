import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { setUp } from './set-up.js'
import { StartedPanel } from './started-panel.js'

function status(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { rejectUnauthorized: false, agent: false }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).on('error', reject)
  })
}

function site(port: number, host: string): Promise<{ status: number; body: string }> {
  return new Promise(resolve => {
    httpGet({ host: '127.0.0.1', port, headers: { host }, agent: false }, response => {
      let body = ''
      response.on('data', chunk => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    }).on('error', () => resolve({ status: 0, body: '' }))
  })
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('npm start', function () {
  this.timeout(60_000)
  let panel: StartedPanel
  beforeEach(async () => {
    panel = await StartedPanel.prepare()
  })
  afterEach(() => panel.remove())

  it('prints a setup link once, publishes a site from the command line, and starts again with everything in place', async () => {
    const link = await panel.start()
    expect(link).to.match(/^https:\/\/[^/]+\/setup#token=[\w-]{20,}$/)
    expect(await status(`${panel.url}/healthz`)).to.equal(200)
    const setup = await setUp(panel, link)
    expect(setup.status).to.equal(201)
    const created = await panel.nusa('sites', 'create', 'first.example.test', '--runtime', 'static')
    expect(created, created.stderr).to.include({ code: 0 })
    expect((await site(panel.ports.http, 'first.example.test')).status).to.equal(200)
    expect(await panel.stop()).to.equal(0)
    expect((await site(panel.ports.http, 'first.example.test')).status, 'its services end with it').to.equal(0)

    const started = Date.now()
    const second = await panel.start()
    // The figure is the bench's (start.again); here it only must not build or install again.
    expect(Date.now() - started).to.be.lessThan(15_000)
    expect(second).to.equal(`${new URL(link).origin}`)
    await until(async () => (await site(panel.ports.http, 'first.example.test')).status === 200, 'the site coming back')
  })

  it('ends with its services on Ctrl-C in a terminal', async () => {
    const terminal = await StartedPanel.prepare({
      command: ['script', '--quiet', '--flush', '--return', '--command', 'npm start', '/dev/null'],
    })
    try {
      await setUp(terminal, await terminal.start())
      await terminal.nusa('sites', 'create', 'typed.example.test', '--runtime', 'static')
      expect((await site(terminal.ports.http, 'typed.example.test')).status).to.equal(200)
      terminal.type('\u0003')
      // npm itself answers an interrupt with 130, whatever its script said.
      expect(await terminal.ended()).to.be.oneOf([0, 130])
      await until(
        async () => (await site(terminal.ports.http, 'typed.example.test')).status === 0,
        'the end of its services',
      )
    } finally {
      await terminal.remove()
    }
  })

  it('keeps what it writes from others, and drops root', async () => {
    await panel.start()
    for (const name of ['panel.sqlite', 'tls-key.pem', 'setup-token', 'pepper']) {
      const { mode, uid } = await stat(join(panel.home, name)).catch(() => ({ mode: 0o600, uid: -1 }))
      expect(mode & 0o077, name).to.equal(0)
      if (process.getuid?.() === 0 && uid >= 0) expect(uid, name).to.not.equal(0)
    }
  })

  it("follows no link that the panel's user planted in the home while it was root's turn", async () => {
    await panel.start()
    await panel.stop()
    const theirs = await mkdtemp(join(tmpdir(), 'nusa-theirs-'))
    try {
      const file = join(theirs, 'passwd')
      await writeFile(file, 'root', { mode: 0o600 })
      const { uid } = await stat(theirs)
      await rm(join(panel.home, 'broker.json'))
      await symlink(file, join(panel.home, 'broker.json'))
      await rename(join(panel.home, 'cache'), join(panel.home, 'moved'))
      await symlink(theirs, join(panel.home, 'cache'))
      if (process.getuid?.() === 0) {
        const { code, stderr } = await panel.startRefused()
        expect(code).to.equal(1)
        expect(stderr).to.include('cannot be written')
        expect(await readFile(file, 'utf8')).to.equal('root')
      }
      expect((await stat(file)).uid).to.equal(uid)
      expect((await stat(theirs)).uid).to.equal(uid)
    } finally {
      await rm(theirs, { recursive: true })
    }
  })

  it('brings a killed broker back, which adopts the running services', async () => {
    await setUp(panel, await panel.start())
    await panel.nusa('sites', 'create', 'adopted.example.test', '--runtime', 'static')
    const before = await panel.nusa('doctor', '--json')
    const pid = brokerPid(before.stdout)
    const server = await readFile(join(panel.home, 'run/nginx.pid'), 'utf8')
    process.kill(pid, 'SIGKILL')
    await until(async () => {
      const { stdout } = await panel.nusa('doctor', '--json')
      const now = brokerPid(stdout)
      return now > 0 && now !== pid
    }, 'a new broker')
    expect((await site(panel.ports.http, 'adopted.example.test')).status).to.equal(200)
    const made = await panel.nusa('sites', 'create', 'later.example.test', '--runtime', 'static')
    expect(made, made.stderr).to.include({ code: 0 })
    expect(await readFile(join(panel.home, 'run/nginx.pid'), 'utf8')).to.equal(server)
  })

  it('names a port that is taken', async () => {
    const squatter = createServer().listen(panel.ports.panel)
    const { code, stderr } = await panel.startRefused()
    squatter.close()
    expect(code).to.not.equal(0)
    expect(stderr).to.include(`port ${panel.ports.panel}`).and.include('NUSA_PORT')
  })

  it('names a home that it cannot write, and one that is too long', async () => {
    await writeFile(join(panel.home, 'file'), '')
    const unwritable = await panel.startRefused({ NUSA_HOME: join(panel.home, 'file', 'below') })
    expect(unwritable.code).to.equal(1)
    expect(unwritable.stderr).to.include('cannot be written').and.include('NUSA_HOME')
    const long = await panel.startRefused({ NUSA_HOME: `/tmp/${'long'.repeat(20)}` })
    expect(long.code).to.equal(1)
    expect(long.stderr).to.include('unix sockets')
  })

  it('names a bad setting, in the language of the terminal', async () => {
    const english = await panel.startRefused({ NUSA_LOG_LEVEL: 'loud' })
    expect(english.code).to.equal(1)
    expect(english.stderr).to.include('NUSA_LOG_LEVEL').and.include('cannot be used')
    const indonesian = await panel.startRefused({ NUSA_LOG_LEVEL: 'loud', LANG: 'id_ID.UTF-8' })
    expect(indonesian.stderr).to.include('tidak dapat dipakai')
    await mkdir(panel.home, { recursive: true })
    await writeFile(join(panel.home, 'config.json'), '{"prot": 1}')
    expect((await panel.startRefused()).stderr).to.include('prot')
  })

  it('refuses a state that a newer version wrote, and one that lacks a step in the middle', async () => {
    await panel.start()
    await panel.stop()
    const Database = createRequire(new URL('../../../kernel/package.json', import.meta.url))('better-sqlite3')
    const changed = async (statement: string) => {
      const database = new Database(join(panel.home, 'panel.sqlite'))
      database.prepare(statement).run()
      database.close()
      return panel.startRefused()
    }
    const newer = await changed("insert into kernel_migrations (name, applied_at) values ('9999_future', '2099')")
    expect(newer.code).to.equal(1)
    expect(newer.stderr).to.include('9999_future').and.include('newer version')
    const half = await changed(
      "delete from kernel_migrations where name in ('9999_future', (select min(name) from kernel_migrations))",
    )
    expect(half.code).to.equal(1)
    expect(half.stderr).to.match(/00\d\d_/)
  })

  it('leaves a job that runs at SIGTERM to the next start', async () => {
    await setUp(panel, await panel.start())
    const begun = await panel.nusa(
      'sites',
      'create',
      'drained.example.test',
      '--runtime',
      'static',
      '--no-wait',
      '--json',
    )
    expect(begun, begun.stderr).to.include({ code: 0 })
    expect(await panel.stop()).to.equal(0)
    await panel.start()
    const { job } = JSON.parse(begun.stdout) as { job: { id: string } }
    expect(await panel.nusa('jobs', 'follow', job.id)).to.include({ code: 0 })
    await until(async () => (await site(panel.ports.http, 'drained.example.test')).status === 200, 'the site')
  })
})

function brokerPid(json: string): number {
  return Number(/pid (\d+)/.exec(json)?.[1] ?? 0)
}
