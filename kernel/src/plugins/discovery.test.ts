import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { discover } from './discovery.js'

describe('discover', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-discovery-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const good = { id: 'demo', api: '^1', displayName: { en: 'Demo' }, capabilities: [], entry: { server: './index.js' } }

  async function plugin(path: string, nusantara: object, version = '1.0.0') {
    await mkdir(join(directory, path), { recursive: true })
    await writeFile(join(directory, path, 'package.json'), JSON.stringify({ version, nusantara }))
  }

  async function rejection(nusantara: object) {
    await plugin('plugins/it', nusantara)
    const [found] = await discover([join(directory, 'plugins')])
    return found && 'rejected' in found ? found.rejected : undefined
  }

  it('finds plugins in the order of the directories, and in a store the newest version', async () => {
    await plugin('plugins/demo', good, '0.9.0')
    await plugin('store/demo/2.0.0', good, '2.0.0')
    await plugin('store/other/1.9.0', { ...good, id: 'other' }, '1.9.0')
    await plugin('store/other/1.10.0', { ...good, id: 'other' }, '1.10.0')
    const found = await discover([join(directory, 'plugins'), join(directory, 'store'), join(directory, 'absent')])
    expect(found.map(({ id }) => id).slice(0, 2)).to.deep.equal(['demo', 'other'])
    expect(found.flatMap(one => ('manifest' in one ? [one.manifest.version] : []))).to.deep.equal(['0.9.0', '1.10.0'])
    expect(found[2] && 'rejected' in found[2] && found[2].rejected.code).to.equal('plugin_duplicate')
  })

  for (const [what, change, code, field] of [
    ['an unknown key', { postinstall: 'x' }, 'manifest_invalid', 'nusantara.postinstall'],
    ['an id of the kernel', { id: 'jobs' }, 'plugin_id_reserved', undefined],
    ['an id that is not a plain word', { id: '../x' }, 'manifest_invalid', 'nusantara.id'],
    ['a range that is none', { dependencies: { a: 'newest' } }, 'manifest_invalid', 'nusantara.dependencies.a'],
    ['another contract', { api: '^2' }, 'plugin_api_unsupported', undefined],
    [
      "another plugin's permission",
      { permissions: { 'sites:write': {} } },
      'manifest_invalid',
      'nusantara.permissions.sites:write',
    ],
    ['an unknown capability', { capabilities: ['root'] }, 'manifest_invalid', 'nusantara.capabilities.0'],
    ['an entry outside', { entry: { server: './../x.js' } }, 'manifest_invalid', 'nusantara.entry.server'],
    ['no name in English', { displayName: { id: 'Contoh' } }, 'manifest_invalid', 'nusantara.displayName.en'],
  ] as const) {
    it(`rejects ${what} by name, without running code`, async () => {
      const problem = await rejection({ ...good, ...change })
      expect(problem?.code).to.equal(code)
      expect(problem?.params.field).to.equal(field)
    })
  }

  it('rejects broken JSON alone', async () => {
    await plugin('plugins/good', good)
    await mkdir(join(directory, 'plugins/broken'))
    await writeFile(join(directory, 'plugins/broken/package.json'), '{"nusantara": ')
    const found = await discover([join(directory, 'plugins')])
    expect(found.map(one => [one.id, 'rejected' in one])).to.deep.equal([
      ['broken', true],
      ['demo', false],
    ])
  })
})
