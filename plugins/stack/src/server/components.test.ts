import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { PackageReport } from '@nusantara/sdk'
import { componentsOf, knownComponents } from './components.js'

interface Table {
  readonly php: {
    readonly distributions: Readonly<Record<string, readonly string[]>>
    readonly others: readonly string[]
  }
}
const table = JSON.parse(
  readFileSync(new URL('../../../../kernel/src/broker/versions.json', import.meta.url), 'utf8'),
) as Table

/** What each distribution's own package sources offer. */
const offered: Readonly<Record<string, string>> = {
  'debian 12': 'php8.2-fpm',
  'debian 13': 'php8.4-fpm',
  'ubuntu 22.04': 'php8.1-fpm',
  'ubuntu 24.04': 'php8.3-fpm',
  'ubuntu 26.04': 'php8.5-fpm',
}
const host = { permitted: true, refreshed: null, stale: false, interrupted: null }

function reportOf(ids: readonly string[], has: Readonly<Record<string, 'installed' | 'candidate'>>): PackageReport {
  return {
    host,
    sets: ids.map(name => [
      {
        name,
        installed: has[name] === 'installed' ? '1' : null,
        candidate: name in has ? '1' : null,
      },
    ]),
  }
}

describe('components', () => {
  for (const [distribution, php] of Object.entries(offered))
    it(`are those of ${distribution}, and what another repository adds`, () => {
      const { distributions, others } = table.php
      const known = knownComponents([...new Set([...(distributions[distribution] ?? []), ...others])])
      const ids = known.map(({ id }) => id)
      assert.equal(ids[1], php, 'the version of the distribution comes first')
      const own = { nginx: 'installed', [php]: 'candidate', 'redis-server': 'candidate' } as const
      const shown = componentsOf(known, reportOf(ids, own))
      assert.deepEqual(
        shown.map(({ id, state }) => `${id} ${state}`),
        [
          'nginx installed',
          `${php} available`,
          'mariadb-server unavailable',
          'postgresql unavailable',
          'redis-server available',
        ],
      )
      const more = componentsOf(known, reportOf(ids, { ...own, 'php7.4-fpm': 'candidate' }))
      assert.deepEqual(
        more.filter(({ kind }) => kind === 'php').map(({ id }) => id),
        [php, 'php7.4-fpm'],
      )
    })

  it('can be installed only where the panel may, and only once', () => {
    const known = knownComponents(['8.2'])
    const ids = known.map(({ id }) => id)
    const report = reportOf(ids, { nginx: 'installed', 'php8.2-fpm': 'candidate' })
    const installable = (of: PackageReport) =>
      componentsOf(known, of)
        .filter(each => each.installable)
        .map(({ id }) => id)
    assert.deepEqual(installable(report), ['php8.2-fpm'])
    assert.deepEqual(installable({ ...report, host: { ...host, permitted: false } }), [])
  })

  it('are broken while a package of theirs is half done, and installed again to finish it', () => {
    const known = knownComponents(['8.2'])
    const ids = known.map(({ id }) => id)
    const report = reportOf(ids, { nginx: 'installed', 'php8.2-fpm': 'installed', 'redis-server': 'candidate' })
    const interrupted = ['php8.2-fpm', 'redis-server:amd64', 'unrelated']
    const shown = componentsOf(known, { ...report, host: { ...host, interrupted } })
    assert.deepEqual(
      shown.map(({ id, state, installed, installable }) => [id, state, installed, installable]),
      [
        ['nginx', 'installed', '1', false],
        ['php8.2-fpm', 'broken', '1', true],
        ['mariadb-server', 'unavailable', undefined, false],
        ['postgresql', 'unavailable', undefined, false],
        ['redis-server', 'broken', undefined, true],
      ],
    )
  })

  it('are named in privileges.json, each with its packages and its service', () => {
    const privileges = JSON.parse(readFileSync(new URL('../../privileges.json', import.meta.url), 'utf8'))
    for (const { request, service } of knownComponents(['8.2'])) {
      assert.ok(privileges.packages[request.set], request.set)
      assert.ok(privileges.services[service], service)
    }
  })
})
