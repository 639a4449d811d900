import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { inRoot } from '../lib/paths.mjs'

const program = 'templates/system/root/usr/lib/nusantara-panel/maintainer'
const load = name => import(inRoot(program, name))
const [
  { pathsBelow },
  { disengage, engage, unlinkAbandoned },
  { hold, release },
  { held, switching, writeSwitching },
  systemd,
  { upgrade },
  { inert, refused },
] = await Promise.all(
  ['paths.mjs', 'held-files.mjs', 'hold.mjs', 'record.mjs', 'systemd.mjs', 'upgrade.mjs', 'report.mjs'].map(load),
)

describe('the maintainer scripts', () => {
  const folder = inRoot('templates/system/debian')
  for (const name of readdirSync(folder)) {
    it(`${name} is plain POSIX shell that stops at the first error`, () => {
      const file = join(folder, name)
      for (const [tool, ...args] of [
        ['dash', '-n'],
        ['shellcheck', '--shell=sh', '--severity=style'],
      ]) {
        const { status, stdout, stderr } = spawnSync(tool, [...args, file], { encoding: 'utf8' })
        expect(status, stdout + stderr).to.equal(0)
      }
      expect(readFileSync(file, 'utf8').split('\n').slice(0, 2)).to.deep.equal(['#!/bin/sh', 'set -e'])
    })
  }
})

describe('the command line of a server', () => {
  it('takes the configuration of root, and another only from who calls it', () => {
    const root = mkdtempSync(join(tmpdir(), 'nusa-cli-'))
    try {
      const main = join(root, 'kernel/dist/cli/main.js')
      for (const directory of [dirname(main), join(root, 'bin')]) mkdirSync(directory, { recursive: true })
      writeFileSync(join(root, 'package.json'), '{"type":"module"}')
      writeFileSync(main, 'process.stdout.write(process.env.NUSA_CONFIG)')
      cpSync(inRoot(program, '../bin/nusa'), join(root, 'bin/nusa'))
      const config = env => spawnSync(process.execPath, [join(root, 'bin/nusa')], { encoding: 'utf8', env }).stdout
      expect(config({})).to.equal('/etc/nusantara/config.json')
      expect(config({ NUSA_CONFIG: '/root/other.json' })).to.equal('/root/other.json')
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

describe('the version that is held while another is unpacked', () => {
  let root
  let paths
  const put = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const read = path => readFileSync(join(root, path), 'utf8')
  const unit = 'etc/systemd/system/nusantara-panel.service'
  const dropIn = `${unit}.d/90-nusantara-held.conf`

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nusa-held-'))
    paths = pathsBelow(root)
    put('usr/lib/nusantara-panel/package.json', '{"version":"1.0.0"}')
    put('usr/lib/nusantara-panel/kernel/main.js', 'old')
    put('usr/lib/systemd/system/nusantara-panel.service', '[Service]\nExecStart=/old\n')
    put('usr/lib/systemd/system/nusantara-php8.2@.service', '[Service]\n')
    put('usr/lib/systemd/system/nusantara-sites.slice', '')
    put('etc/nusantara/config.json', '{}')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  /** What dpkg does: another file in the place of each. */
  const replace = (path, text) => {
    rmSync(join(root, path))
    put(path, text)
  }

  it('keeps its code, its units and its configuration when files are replaced', () => {
    expect(hold(paths)).to.equal(true)
    replace('usr/lib/nusantara-panel/kernel/main.js', 'new')
    replace('usr/lib/systemd/system/nusantara-panel.service', '[Service]\nExecStart=/new\n')
    replace('etc/nusantara/config.json', '{"later": true}')
    engage(paths)
    expect(read('usr/lib/nusantara-panel.previous/kernel/main.js')).to.equal('old')
    expect(read(unit)).to.include('ExecStart=/old')
    expect(read(dropIn)).to.include(`BindReadOnlyPaths=${paths.previous}:${paths.code}`)
    expect(read(dropIn)).to.include(`${paths.record}/etc/config.json:${paths.config}/config.json`)
    expect(held(paths).running).to.equal('1.0.0')
    expect(existsSync(join(root, 'etc/systemd/system/nusantara-php8.2@.service'))).to.equal(false)
  })

  it('stays the one that is held when it is asked again after half of another was unpacked', () => {
    hold(paths)
    replace('usr/lib/nusantara-panel/package.json', '{"version":"2.0.0"}')
    expect(hold(paths)).to.equal(false)
    expect(held(paths).running).to.equal('1.0.0')
    expect(JSON.parse(read('usr/lib/nusantara-panel.previous/package.json')).version).to.equal('1.0.0')
  })

  it('begins anew when it was killed before it was whole', () => {
    put('usr/lib/nusantara-panel.previous.partial/kernel/main.js', 'half')
    put('usr/lib/nusantara-panel.previous/kernel/main.js', 'of another time')
    hold(paths)
    expect(read('usr/lib/nusantara-panel.previous/kernel/main.js')).to.equal('old')
    expect(existsSync(`${paths.previous}.partial`)).to.equal(false)
  })

  it('leaves nothing that starts a unit which the new version has no more', () => {
    const wants = 'etc/systemd/system/timers.target.wants'
    put('usr/lib/systemd/system/nusantara-old.timer', '[Timer]\n[Install]\nWantedBy=timers.target\n')
    put('etc/systemd/system/nusantara-local.timer', '[Timer]\n')
    put('usr/lib/systemd/system/nusantara-local.timer', '[Timer]\n')
    mkdirSync(join(root, wants))
    for (const name of ['old', 'local'])
      symlinkSync(`/usr/lib/systemd/system/nusantara-${name}.timer`, join(root, wants, `nusantara-${name}.timer`))
    hold(paths)
    for (const name of ['old', 'local']) rmSync(join(root, `usr/lib/systemd/system/nusantara-${name}.timer`))
    engage(paths)
    disengage(paths)
    expect(unlinkAbandoned(paths)).to.deep.equal(['nusantara-old.timer'])
    expect(readdirSync(join(root, wants))).to.deep.equal(['nusantara-local.timer'])
  })

  it('masks what only the new version has, and gives everything back', () => {
    hold(paths)
    put('usr/lib/systemd/system/nusantara-panel.socket', '[Socket]\n[Install]\nWantedBy=sockets.target\n')
    engage(paths)
    const socket = join(root, 'etc/systemd/system/nusantara-panel.socket')
    expect(lstatSync(socket).isSymbolicLink()).to.equal(true)
    disengage(paths)
    expect(readdirSync(join(root, 'etc/systemd/system'))).to.deep.equal([])
    engage(paths)
    release(paths)
    expect(readdirSync(join(root, 'etc/systemd/system'))).to.deep.equal([])
    expect(existsSync(paths.previous)).to.equal(false)
    expect(existsSync(paths.record)).to.equal(false)
  })

  it('leaves a unit alone that the administrator wrote', () => {
    put(unit, '[Service]\nExecStart=/mine\n')
    put(`${unit}.d/override.conf`, '[Service]\nNice=5\n')
    hold(paths)
    expect(read(unit)).to.equal('[Service]\nExecStart=/mine\n')
    expect(read(dropIn)).to.include('BindReadOnlyPaths')
    release(paths)
    expect(read(unit)).to.equal('[Service]\nExecStart=/mine\n')
    expect(read(`${unit}.d/override.conf`)).to.include('Nice')
    expect(existsSync(join(root, dropIn))).to.equal(false)
  })

  it('is put back by the next call when the state could not be put back by this one', async () => {
    hold(paths)
    replace('usr/lib/nusantara-panel/package.json', '{"version":"2.0.0"}')
    const { running } = held(paths)
    writeSwitching(paths, { from: running, phase: 'falling-back', reason: 'it did not answer', log: '' })
    const { PATH } = process.env
    // No service manager is called, and there is no program below the root that could put anything back.
    process.env.PATH = root
    try {
      let said = ''
      await upgrade(paths, text => {
        said += text
      })
      expect(said).to.include('does not run').and.include('it did not answer')
    } finally {
      process.env.PATH = PATH
    }
    expect(switching(paths)).to.include({ phase: 'falling-back', reason: 'it did not answer' })
    expect(held(paths).failed).to.include({ version: '2.0.0' })
  })

  it('is recorded where the panel can read it and nobody but root can write', () => {
    hold(paths)
    expect(statSync(join(paths.record, 'held.json')).mode & 0o022).to.equal(0)
  })
})

describe('what the maintainer scripts print', () => {
  it('moves no cursor and clears no screen, whatever the panel has named or logged', () => {
    const said = refused({ version: '2', running: '1', reason: 'no\u001b[2Jthing\u009b1A', log: 'a\r\tb\u007f\u0000' })
    expect(inert(said)).to.include('no[2Jthing1A').and.include('a\tb\n')
    expect(inert(said)).to.not.match(/[^\P{Cc}\n\t]/u)
  })
})

describe('the environment of a service', () => {
  it('is what systemctl show says, words in quotes and files among it', () => {
    const root = mkdtempSync(join(tmpdir(), 'nusa-env-'))
    try {
      writeFileSync(join(root, 'more'), '# for the panel\nLATER=file\nMORE="a b"\n')
      const shown = [
        'Environment=NUSA_PROFILE=system "DATABASE_URL=postgres://p:a\\$b\\"c@db/panel?host=/run&x=1" LATER=word EMPTY=',
        `EnvironmentFiles=${root}/more (ignore_errors=no)`,
        `EnvironmentFiles=${root}/absent (ignore_errors=yes)`,
      ].join('\n')
      expect(systemd.parseEnvironment(shown)).to.deep.equal({
        NUSA_PROFILE: 'system',
        DATABASE_URL: 'postgres://p:a$b"c@db/panel?host=/run&x=1',
        LATER: 'file',
        EMPTY: '',
        MORE: 'a b',
      })
      expect(systemd.parseEnvironment('')).to.deep.equal({})
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

describe('the units of the package', () => {
  it('are of panel and broker, sockets first, or of sites, and those that are wanted are enabled', () => {
    const directory = inRoot('templates/system/root/usr/lib/systemd/system')
    const own = systemd.ownUnits(directory)
    expect(own).to.include.members(['nusantara-panel.service', 'nusantara-broker.service', 'nusantara-panel.socket'])
    expect(own.findIndex(name => name.endsWith('.service'))).to.equal(
      own.filter(name => name.endsWith('.socket')).length,
    )
    const ofSites = systemd.siteUnits(directory)
    expect(ofSites).to.include('nusantara-sites.slice')
    expect([...own, ...ofSites].sort()).to.deep.equal(readdirSync(directory).sort())
    expect(systemd.installable(directory)).to.include('nusantara-panel.socket')
  })
})
