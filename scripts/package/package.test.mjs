import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { layPackage } from '../package.mjs'
import { control } from './control.mjs'
import { buildDeb } from './deb.mjs'
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

  it('runs from what it holds alone: its own Node, the modules of a server, the panel, the broker, the command line', () => {
    const node = code('runtime/bin/node')
    const load = ['panel.js', 'broker/broker.js']
      .map(file => `await import(${JSON.stringify(code('kernel/dist', file))})`)
      .join('\n')
    execFileSync(node, ['--input-type=module', '-e', load], { cwd: '/', env: { PATH: '/usr/bin' } })
    const help = execFileSync(node, [code('bin/nusa'), 'completion', 'bash'], {
      cwd: '/',
      env: { PATH: '/usr/bin', NUSA_HOME: root },
      encoding: 'utf8',
    })
    expect(help).to.include('nusa')
    expect(existsSync(code('plugins/sites/privileges.json'))).to.equal(true)
    expect(existsSync(code('ui-shell/dist/manifest.json'))).to.equal(true)
  })

  it('holds no tests, no sources and no development tools', () => {
    const wrong = everything().filter(
      path => /\.test\.js$|\.tsbuildinfo$/.test(path) || /node_modules\/(?:typescript|mocha|vite|chai)\//.test(path),
    )
    expect(wrong).to.deep.equal([])
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
