import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { layPackage } from '../package.mjs'
import { bundle } from './bundle.mjs'
import { control } from './control.mjs'
import { buildDeb } from './deb.mjs'
import { native } from './modules.mjs'
import { nativeFiles } from './native.mjs'
import { laySystem, setModes } from './tree.mjs'

const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch]
const other = arch === 'amd64' ? 'arm64' : 'amd64'
const epoch = 1_700_000_000

describe('the Debian package', function () {
  this.timeout(120_000)
  let work
  let root
  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'nusa-package-'))
    root = join(work, 'root')
    await layPackage(root, { arch, version: '1.2.3', epoch, work })
  })
  after(() => rmSync(work, { recursive: true, force: true }))

  const code = (...parts) => join(root, 'usr/lib/nusantara-panel', ...parts)
  const everything = () => readdirSync(root, { recursive: true })

  it('runs from what it holds alone: its own Node, the panel with its plugins, the broker, the command line', async () => {
    const node = code('runtime/bin/node')
    const home = mkdtempSync(join(work, 'home-'))
    const env = { PATH: '/usr/bin', NUSA_HOME: home, NUSA_PORT: '0' }
    const panel = spawn(node, [code('kernel/dist/main.js')], { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = text(panel.stderr)
    const ended = once(panel, 'exit')
    try {
      const ready = await Promise.race([
        once(createInterface({ input: panel.stdout }), 'line').then(([line]) => JSON.parse(line).ready),
        ended.then(async () => `it ended: ${await said}`),
      ])
      expect(ready).to.equal(true)
    } finally {
      panel.kill('SIGTERM')
    }
    expect((await ended)[0]).to.equal(0)
    for (const program of ['broker/main.js', 'broker/recover.js', 'broker/rest.js', 'upgrade/main.js']) {
      const { stderr } = spawnSync(node, [code('kernel/dist', program)], { cwd: '/', env, encoding: 'utf8' })
      expect(stderr).to.match(new RegExp(`usage: .*${program.split('/').at(-1)}`))
    }
    const help = execFileSync(node, [code('bin/nusa'), 'completion', 'bash'], { cwd: '/', env, encoding: 'utf8' })
    expect(help).to.include('nusa')
    expect(existsSync(code('plugins/sites/privileges.json'))).to.equal(true)
    expect(existsSync(code('ui-shell/dist/manifest.json'))).to.equal(true)
  })

  it('holds few files: bundles in place of modules, and the terms of those whose code is in them', () => {
    const packages = readdirSync(code('node_modules')).filter(name => name !== '@nusantara')
    expect(packages).to.deep.equal(native)
    for (const id of ['sites', 'ssl'])
      expect(
        everything().filter(path => path.includes(`/plugins/${id}/dist/server/`)),
        id,
      ).to.have.length(1)
    const documents = join(root, 'usr/share/doc/nusantara-panel/packages')
    const names = readFileSync(join(documents, 'list'), 'utf8')
    for (const name of ['knex', 'restify', 'lodash', 'lit', 'acme-client'])
      expect(names).to.match(new RegExp(`^${name} \\d`, 'm'))
    const [lodash] = readdirSync(documents).filter(name => name.startsWith('lodash-'))
    expect(readdirSync(join(documents, lodash))).to.include('LICENSE')
    expect(everything().filter(path => /\.test\.js$|\.tsbuildinfo$|\.map$/.test(path))).to.deep.equal([])
  })

  it('is not made when a module looks for files beside itself, or names a package that is not there', async () => {
    const module = text => {
      const file = join(work, 'module.js')
      writeFileSync(file, text)
      return bundle({ module: file }, [], join(work, 'bundle')).then(
        () => 'made',
        error => error.message,
      )
    }
    expect(await module("export const text = new URL('text.json', import.meta.url)")).to.include('asks where it stands')
    expect(await module("export { x } from 'no-such-package'")).to.include('no-such-package')
    expect(await module('export const text = "naïve – 𝒙"')).to.equal('made')
    const made = readFileSync(join(work, 'bundle/module.js'), 'utf8')
    expect(made).to.match(/^[\0-\x7f]+$/)
    const value = execFileSync(code('runtime/bin/node'), [
      '--input-type=module',
      '-e',
      `import { text } from ${JSON.stringify(join(work, 'bundle/module.js'))}; process.stdout.write(text)`,
    ])
    expect(value.toString()).to.equal('naïve – 𝒙')
  })

  it('gives nothing to anybody but root, and a unit to each PHP of its table', () => {
    for (const path of everything()) {
      const { mode } = lstatSync(join(root, path))
      if (!lstatSync(join(root, path)).isSymbolicLink()) expect(mode & 0o022, path).to.equal(0)
    }
    const units = readdirSync(join(root, 'usr/lib/systemd/system'))
    expect(units).to.include.members([
      'nusantara-panel.socket',
      'nusantara-panel-cli.socket',
      'nusantara-panel-front.socket',
      'nusantara-panel.service',
      'nusantara-broker.socket',
      'nusantara-broker-admin.socket',
      'nusantara-recover.service',
      'nusantara-pending.service',
      'nusantara-wake.timer',
      'nusantara-broker.service',
      'nusantara-php8.2@.service',
    ])
    expect(readFileSync(join(root, 'usr/lib/systemd/system/nusantara-php8.2@.service'), 'utf8')).to.not.include('{')
  })

  it('is made for another architecture too, with native code for that alone', async function () {
    this.timeout(300_000)
    const tree = join(work, other)
    await layPackage(tree, { arch: other, version: '1.2.3', epoch, work })
    const [own, foreign] = [root, tree].map(directory =>
      nativeFiles(directory).map(([path, architecture]) => [path.slice(directory.length), architecture]),
    )
    expect(own.map(([, architecture]) => architecture))
      .to.include(arch)
      .and.not.include(other)
    expect(foreign.map(([, architecture]) => architecture))
      .to.include(other)
      .and.not.include(arch)
    expect(foreign).to.have.length(own.length)
    const said = execFileSync('readelf', ['--file-header', join(tree, 'usr/lib/nusantara-panel/runtime/bin/node')])
    expect(String(said)).to.match(other === 'arm64' ? /Machine: +AArch64/ : /Machine: +Advanced Micro Devices X86-64/)
  })

  it('has the same bytes for the same tree and time, and names its configuration files', async () => {
    const digest = async name => {
      const tree = mkdtempSync(join(tmpdir(), 'nusa-deb-'))
      try {
        laySystem(tree)
        setModes(tree, epoch)
        const file = join(root, name)
        const fields = control({ version: '1.2.3', arch: 'amd64' })
        await buildDeb({ root: tree, control: fields, scripts: { postinst: '#!/bin/sh\n' }, file, epoch })
        const parts = execFileSync('dpkg-deb', ['--info', file, 'conffiles'], { encoding: 'utf8' })
        expect(parts.trim().split('\n')).to.deep.equal([
          '/etc/logrotate.d/nusantara-panel',
          '/etc/nusantara/broker.json',
          '/etc/nusantara/config.json',
        ])
        expect(execFileSync('dpkg-deb', ['--field', file, 'Version'], { encoding: 'utf8' })).to.equal('1.2.3\n')
        return createHash('sha256').update(readFileSync(file)).digest('hex')
      } finally {
        rmSync(tree, { recursive: true, force: true })
      }
    }
    expect(await digest('one.deb')).to.equal(await digest('two.deb'))
  })
})
