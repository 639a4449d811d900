// The whole package, built as a person builds it, in two places that differ in everything a build could take over.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { root as checkout, inRoot } from './lib/paths.mjs'
import { capture } from './lib/run.mjs'

const epoch = 1_700_000_000
const mostMegabytes = 60

/** What a clone has, and the installed modules by hard links. */
function cloneInto(directory) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
  })
  for (const name of listed.split('\0').filter(Boolean)) {
    if (!statSync(inRoot(name), { throwIfNoEntry: false })) continue
    cpSync(inRoot(name), join(directory, name))
  }
  for (const parent of ['.', 'kernel', ...readdirSync(inRoot('plugins')).map(id => `plugins/${id}`)]) {
    if (!statSync(inRoot(parent, 'node_modules'), { throwIfNoEntry: false })) continue
    execFileSync('cp', ['-al', inRoot(parent, 'node_modules'), join(directory, parent)])
  }
  // Not shared with the checkout: who writes into it would write into the other's.
  rmSync(join(directory, 'node_modules/.cache'), { recursive: true, force: true })
}

function age(directory, seconds) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.name === 'node_modules') continue
    if (entry.isDirectory()) age(path, seconds)
    else utimesSync(path, seconds, seconds)
  }
}

/** Runs `scripts/package.mjs` there. @returns path of the archive */
async function build(directory, { umask, env }) {
  const command = 'umask "$1" && exec "$2" scripts/package.mjs --version 1.2.3'
  const { code, output } = await capture('sh', ['-c', command, 'sh', umask, process.execPath], {
    cwd: directory,
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch), ...env },
  })
  if (code !== 0) throw new Error(output)
  return join(directory, 'dist/nusantara-panel_1.2.3_amd64.deb')
}

describe('the whole package', function () {
  this.timeout(540_000)
  let place
  let file
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'nusa-bytes-'))
  })
  after(() => rmSync(place, { recursive: true, force: true }))

  it('has the same bytes from another directory, umask, time zone, language and age of the sources', async () => {
    const digests = []
    for (const [name, age_, umask, env] of [
      ['a', 1_100_000_000, '0022', { TZ: 'UTC', LC_ALL: 'C' }],
      ['a-longer/name of the directory', 1_790_000_000, '0077', { TZ: 'Asia/Jakarta', LC_ALL: 'C.UTF-8', HOME: place }],
    ]) {
      const directory = join(place, name)
      mkdirSync(directory, { recursive: true })
      cloneInto(directory)
      age(directory, age_)
      file = await build(directory, { umask, env })
      digests.push(createHash('sha256').update(readFileSync(file)).digest('hex'))
    }
    expect(digests[1]).to.equal(digests[0])
  })

  it(`has at most ${mostMegabytes} MB`, () => {
    expect(statSync(file).size).to.be.at.most(mostMegabytes * 1e6)
  })

  it('has no error by lintian', async () => {
    const { code, output } = await capture('lintian', [
      '--allow-root',
      '--fail-on',
      'error',
      '--no-tag-display-limit',
      file,
    ])
    expect(code, output).to.equal(0)
  })
})
