import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Config } from '../config/config.js'
import { randomKeyFile } from './key-file.js'
import { Sealer } from './sealed.js'
import { problemOf } from './testing.js'

describe('secrets at rest', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-sealed-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))
  const sealer = () => new Sealer({ home } as Config)

  it('open with the key of the installation, for their purpose alone', async () => {
    const sealed = sealer().seal('kata rahasia', 'totp:1')
    expect(sealed).to.not.include('rahasia')
    expect(sealer().open(sealed, 'totp:1')).to.equal('kata rahasia')
    expect(await problemOf(() => sealer().open(sealed, 'totp:2'))).to.equal('seal_broken')
    expect(sealer().seal('kata rahasia', 'totp:1')).to.not.equal(sealed)
  })

  it('do not open when a byte was changed, cut, or the key is another', async () => {
    const sealed = sealer().seal('', 'p')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let index = 0; index < bytes.length; index++) {
      const forged = Buffer.from(bytes)
      forged[index] = (forged[index] ?? 0) ^ 1
      expect(await problemOf(() => sealer().open(`v1.${forged.toString('base64url')}`, 'p'))).to.equal('seal_broken')
    }
    for (const text of ['', 'v1.', 'v2.abc', sealed.slice(0, -4)]) {
      expect(await problemOf(() => sealer().open(text, 'p'))).to.equal('seal_broken')
    }
    await rm(join(home, 'secret-key'))
    expect(await problemOf(() => sealer().open(sealed, 'p'))).to.equal('seal_broken')
  })

  it('come from a file that only the owner may read, and that stays', async () => {
    const path = join(home, 'key')
    const key = randomKeyFile(path)
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect(randomKeyFile(path).equals(key)).to.equal(true)
    expect(await readdir(home)).to.deep.equal(['key'])
    await chmod(path, 0o640)
    expect(await problemOf(() => randomKeyFile(path))).to.equal('key_file_exposed')
    await chmod(path, 0o600)
    expect(await problemOf(() => randomKeyFile(path, 16))).to.equal('key_file_unusable')
    expect(await readFile(path)).to.have.length(32)
    expect(await problemOf(() => randomKeyFile(join(home, 'absent', 'key')))).to.equal('key_file_unusable')
  })
})
