import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, type Site, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { filesOf, php, publicOf, upload } from './server/site-files.js'

const secret = 'the other one must not know 7319'
const included = `<?php return '${secret}';`

/** PHP text of a string. */
const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`

/**
 * Each attack is code that a tenant runs through PHP for a visitor. The victim runs it too, against itself, and must succeed: so a
 * refusal is the isolation's and not a mistake of the attack.
 */
describe(`Tenants on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator
  let victim: Site
  let attacker: Site

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    victim = await admin.createSite('victim.example.test', 'php')
    attacker = await admin.createSite('attacker.example.test', 'php')
    await upload(server, victim, 'config.php', included)
    await upload(server, victim, 'visible.txt', secret)
    // In the victim's opcache, and in its log.
    await upload(
      server,
      victim,
      'visit.php',
      `<?php $kept = include 'config.php'; error_log($kept); echo strlen($kept);`,
    )
    expect((await server.fetch('http://victim.example.test/visit.php')).body).to.equal(String(secret.length))
  })
  after(() => server.remove())

  /** The victim sees the secret by this code, the attacker does not. */
  async function refused(code: string): Promise<void> {
    expect(await php(server, victim, code), 'the victim itself').to.include(secret)
    expect(await php(server, attacker, code), 'the attacker').to.not.include(secret)
  }

  /** The same where even the victim may not. */
  async function refusedToAll(code: string, sign: string): Promise<void> {
    for (const site of [victim, attacker]) expect(await php(server, site, code), site.domain).to.not.include(sign)
  }

  it("cannot read each other's files, by PHP or by a program that PHP starts", async () => {
    const file = `${publicOf(victim)}/visible.txt`
    await refused(`echo file_get_contents(${quoted(file)});`)
    await refused(`echo shell_exec('cat ' . escapeshellarg(${quoted(file)}));`)
    await refused(
      `$f = proc_open(['/bin/cat', ${quoted(file)}], [1 => ['pipe', 'w']], $p); echo stream_get_contents($p[1]);`,
    )
  })

  it("cannot include each other's programs, which are in their owner's opcache", async () => {
    await refused(`echo include ${quoted(`${publicOf(victim)}/config.php`)};`)
    await refused(
      `opcache_compile_file(${quoted(`${publicOf(victim)}/config.php`)}); echo include ${quoted(`${publicOf(victim)}/config.php`)};`,
    )
    const scripts = await php(server, attacker, 'echo json_encode(array_keys(opcache_get_status()["scripts"] ?? []));')
    expect(scripts).to.not.include(victim.tenant)
  })

  it("cannot list each other's folders", async () => {
    const list = (folder: string) => `echo json_encode(scandir(${quoted(folder)}));`
    const listed = await php(server, victim, list(publicOf(victim)))
    expect(listed).to.include('visible.txt')
    for (const folder of [publicOf(victim), filesOf(victim), `/srv/www/${victim.tenant}`]) {
      expect(await php(server, attacker, list(folder)), folder).to.not.match(/visible|public|files/)
      const by = await php(server, attacker, `echo shell_exec('ls -a ' . escapeshellarg(${quoted(folder)}) . ' 2>&1');`)
      expect(by, folder).to.include('Permission denied')
    }
  })

  it("are served nothing of each other's through links in their own folders", async () => {
    const own = publicOf(attacker)
    const link = (to: string, name: string) =>
      php(
        server,
        attacker,
        `echo json_encode([symlink(${quoted(to)}, ${quoted(`${own}/${name}`)}), shell_exec(${quoted(`ln -s ${to} ${own}/${name}`)})]);`,
      )
    await link(`${publicOf(victim)}/visible.txt`, 'link.txt')
    await link(publicOf(victim), 'folder')
    await link(`${publicOf(victim)}/config.php`, 'link.php')
    await link('/etc/passwd', 'passwd.txt')
    const links = await server.ok(['find', own, '-type', 'l'])
    expect(links.trim().split('\n'), 'the links are there').to.have.length(4)
    for (const path of ['link.txt', 'folder/visible.txt', 'link.php', 'folder/config.php', 'passwd.txt']) {
      const { status, body } = await server.fetch(`http://attacker.example.test/${path}`)
      expect(status, path).to.be.within(400, 499)
      expect(body, path).to.not.match(/7319|root:/)
    }
    await php(server, attacker, `shell_exec(${quoted(`ln ${publicOf(victim)}/visible.txt ${own}/hard.txt`)}); echo 1;`)
    expect((await server.fetch('http://attacker.example.test/hard.txt')).status).to.equal(404)
  })

  it("cannot read each other's sessions or temporary files", async () => {
    await upload(
      server,
      victim,
      'session.php',
      `<?php session_id('known'); session_start(); $_SESSION['s'] = ${quoted(secret)}; file_put_contents(sys_get_temp_dir() . '/upload', ${quoted(secret)}); file_put_contents('/tmp/plain', ${quoted(secret)}); echo session_save_path() ?: sys_get_temp_dir();`,
    )
    const { body: folder } = await server.fetch('http://victim.example.test/session.php')
    const { body: temporary } = await (async () => ({ body: await php(server, victim, 'echo sys_get_temp_dir();') }))()
    await refused(
      `echo file_get_contents(${quoted(`${folder}/sess_known`)}), shell_exec(${quoted(`cat ${folder}/sess_known`)});`,
    )
    await refused(
      `echo file_get_contents(${quoted(`${temporary}/upload`)}), shell_exec(${quoted(`cat ${temporary}/upload`)});`,
    )
    await refused(`session_id('known'); session_start(); echo $_SESSION['s'];`)
    expect(await php(server, attacker, `echo shell_exec('cat /tmp/plain');`)).to.not.include(secret)
  })

  it("cannot read each other's logs", async () => {
    const logs = `/var/log/nusantara/sites/${victim.tenant}`
    expect(await server.ok(['cat', `${logs}/php.log`]), 'it is logged').to.include(secret)
    for (const name of ['php.log', 'access.log', 'error.log']) {
      const code = `echo file_get_contents('${logs}/${name}'), shell_exec('cat ${logs}/${name}'), json_encode(scandir('${logs}'));`
      expect(await php(server, attacker, code), name).to.not.match(/7319|victim|\.log/)
    }
  })

  it("cannot speak to each other's PHP, or to the panel and its broker", async () => {
    const connect = (path: string) =>
      `$s = stream_socket_client(${quoted(`unix://${path}`)}, $n, $m, 2); echo $s ? 'connected' : $m;`
    const sockets = (await server.ok(['find', '/run', '-type', 's'])).trim().split('\n')
    const masters = sockets.filter(path => path.includes(attacker.tenant) || path.includes(victim.tenant))
    expect(masters, 'sockets of both').to.have.length(2)
    for (const path of masters) {
      // curl(1): 7 is "failed to connect". What listens is no web server, so it fails later.
      const web = await server.run([
        'runuser',
        '--user',
        'www-data',
        '--',
        'curl',
        '--silent',
        '--unix-socket',
        path,
        'http://x',
      ])
      expect(web.code, `the web server at ${path}`).to.not.equal(7)
    }
    for (const path of [...masters, '/run/nusantara/broker/broker.sock', '/run/nusantara/broker/broker-admin.sock'])
      expect(await php(server, attacker, connect(path)), path).to.match(/denied/i)
    // This one tells everybody which revision nginx runs, and nothing else.
    const revision = '/run/nusantara/nginx-revision.sock'
    const ask = `$s = stream_socket_client('unix://${revision}'); fwrite($s, "GET / HTTP/1.0\r\n\r\n"); echo stream_get_contents($s);`
    expect(await php(server, attacker, ask)).to.match(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\n[0-9a-f]{16}\n?$/)
    const panel = sockets.filter(path => path.includes('nusantara') && path !== revision)
    for (const path of panel) expect(await php(server, attacker, connect(path)), path).to.not.equal('connected')
  })

  it('cannot read what is root’s or the panel’s', async () => {
    const files = [
      '/etc/shadow',
      '/var/lib/nusantara/panel.sqlite',
      '/var/lib/nusantara/pepper',
      '/var/lib/nusantara/tls-key.pem',
    ]
    for (const file of files) {
      expect(Number(await server.ok(['stat', '--format=%s', file])), file).to.be.greaterThan(0)
      const code = `echo strlen((string) file_get_contents('${file}')), ' ', strlen((string) shell_exec('cat ${file}'));`
      expect(await php(server, attacker, code), file).to.equal('0 0')
    }
    const folders = ['/var/lib/nusantara', '/var/lib/nusantara-broker', '/root', '/run/nusantara/broker']
    for (const folder of folders) {
      const code = `echo json_encode(scandir('${folder}')), shell_exec('ls -a ${folder} 2>&1');`
      expect(await php(server, attacker, code), folder).to.match(/^(?:false|null).*(?:denied|No such file)/s)
    }
  })

  it('do not see each other’s processes, and cannot end them', async () => {
    const [pid] = (await server.ok(['pgrep', '--uid', victim.tenant])).split('\n')
    expect(Number(pid)).to.be.greaterThan(1)
    const seen = await php(
      server,
      attacker,
      `echo shell_exec('cat /proc/${pid}/cmdline /proc/${pid}/environ 2>&1; ls /proc');`,
    )
    expect(seen.split('\n')).to.not.include(pid)
    expect(
      await php(server, attacker, `echo json_encode(posix_kill(${pid}, 9)), shell_exec('kill -9 ${pid} 2>&1');`),
    ).to.match(/^false/)
    expect((await server.ok(['pgrep', '--uid', victim.tenant])).split('\n')).to.include(pid)
  })

  it('gain nothing by programs that would make them root', async () => {
    await refusedToAll(`echo shell_exec('su -c id 2>&1; passwd -S root 2>&1; newgrp nusantara 2>&1; id');`, 'uid=0')
    const status = await php(
      server,
      attacker,
      `echo file_get_contents('/proc/self/status'), shell_exec('cat /proc/self/status');`,
    )
    expect(status)
      .to.match(/^NoNewPrivs:\s+1$/m)
      .and.match(/^CapBnd:\s+0+$/m)
  })
})
