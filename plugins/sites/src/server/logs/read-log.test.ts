import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { LogUnreadable } from '../errors.js'
import { readLog, withoutPem } from './read-log.js'

describe('readLog', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-log-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const write = (text: string) => writeFile(join(directory, 'access.log'), text)

  it('gives the newest lines and says that there are more', async () => {
    await write(Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join(''))
    const log = await readLog(directory, { lines: 2 })
    expect(log).to.deep.include({ log: 'access', lines: ['line 498', 'line 499'], truncated: true })
  })

  it('reads a bounded end of a large log, beginning at a whole line', async () => {
    const line = `${'x'.repeat(99)}\n`
    await write(line.repeat(20_000))
    const log = await readLog(directory, { lines: 1000 })
    expect(log.lines).to.have.length(1000)
    expect(new Set(log.lines)).to.deep.equal(new Set(['x'.repeat(99)]))
    expect(log.size).to.equal(2_000_000)
  })

  it('takes out what could steer a terminal or hide text', async () => {
    await write('a\u001b[2Jb\u009bc\u202ed\u0000e\n')
    expect((await readLog(directory, {})).lines).to.deep.equal(['a�[2Jb�c�d�e'])
  })

  it('finds lines', async () => {
    await write('GET /a 200\nGET /b 404\n')
    expect((await readLog(directory, { q: '404' })).lines).to.deep.equal(['GET /b 404'])
  })

  it('is empty for a site that has not logged yet', async () => {
    expect(await readLog(directory, { log: 'php' })).to.deep.equal({ log: 'php', lines: [], truncated: false, size: 0 })
    expect(await readLog(null, {})).to.deep.include({ lines: [] })
    await write('')
    expect(await readLog(directory, {})).to.deep.equal({ log: 'access', lines: [], truncated: false, size: 0 })
  })

  it('follows no link', async () => {
    await symlink('/etc/passwd', join(directory, 'error.log'))
    const error = await readLog(directory, { log: 'error' }).catch((error: unknown) => error)
    expect(LogUnreadable.is(error)).to.equal(true)
  })

  it('shows nothing of a certificate or key that a web server could not load', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----\n'
    expect(withoutPem(`a "data:${pem}" failed\nb`)).to.equal('a "data:[PEM]\n" failed\nb')
    expect(withoutPem(`a ${pem.slice(0, 35)}`)).to.equal('a [PEM]')
    expect(withoutPem(pem.slice(30))).to.equal('[PEM]\n')
    expect(withoutPem('a --- b\nc')).to.equal('a --- b\nc')
  })
})
