import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Privileges } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import { parseGrammar } from './formats/grammar.js'
import { parseManifest } from './policy/manifest.js'
import { readVersions } from './policy/versions.js'
import { Policy } from './policy.js'
import { type BrokerHome, brokerHome } from './testing/broker-process.js'

const base = {
  params: { version: { enum: ['1.0', '2.0'] }, name: { type: 'pattern', pattern: '[a-z]+', maxLength: 20 } },
  operations: { list: { bin: '/usr/bin/true', argv: ['--', { param: 'name' }], runAs: 'root', risk: 'low' } },
  files: {
    conf: {
      path: ['${etc}/demo/', { param: 'tenant' }, '.conf'],
      format: 'opaque',
      owner: 'root',
      mode: '0644',
      maxBytes: 100,
    },
  },
  services: {
    demo: {
      unit: ['demo', { param: 'version' }, '.service'],
      verbs: ['start'],
      sandbox: { bin: '/usr/bin/sleep', argv: ['1'] },
    },
  },
}
type Json = Record<string, unknown>
const changed = (change: (copy: typeof base & Json) => void) => {
  const copy = structuredClone(base) as typeof base & Json
  change(copy)
  return copy
}
const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
  return 'ok'
}

describe('privilege manifest', () => {
  it('takes a whole one', () => expect((parseManifest(base, 'demo') as Privileges).operations).to.have.keys('list'))

  const refuse = (what: string, says: RegExp, change: (copy: typeof base & { [key: string]: Json }) => void) => {
    it(`refuses ${what}`, () =>
      expect(() => parseManifest(changed(change as (copy: typeof base & Json) => void), 'demo')).to.throw(says))
  }
  refuse('an unknown key', /shell: is not a known key/, copy => Object.assign(copy, { shell: true }))
  refuse('an unknown key of an operation', /operations.list.env/, copy =>
    Object.assign(copy.operations.list, { env: {} }),
  )
  refuse('a relative program', /absolute path/, copy => Object.assign(copy.operations.list, { bin: 'true' }))
  refuse('a program below a tenant directory', /absolute path/, copy =>
    Object.assign(copy.operations.list, { bin: ['${www}/', { param: 'version' }] }),
  )
  refuse('a program with dot segments', /absolute path/, copy =>
    Object.assign(copy.operations.list, { bin: '/usr/bin/../../tmp/x' }),
  )
  refuse('a program chosen by free text', /only enum parameters/, copy =>
    Object.assign(copy.operations.list, { bin: ['/usr/bin/', { param: 'name' }] }),
  )
  refuse('a program that depends on the tenant', /tenant/, copy =>
    Object.assign(copy.operations.list, { bin: ['/usr/bin/', { param: 'tenant' }] }),
  )
  it('takes sets of packages by name and enum parameters', () =>
    expect(
      (
        parseManifest(
          changed(copy => {
            copy.packages = { tool: { names: ['tool', ['lib-tool', { param: 'version' }, '-run']] } }
          }),
          'demo',
        ) as Privileges
      ).packages,
    ).to.have.keys('tool'))
  for (const [what, packageName, says] of [
    ['an option for a package', '-o', /name of a package/],
    ['a path for a package', '/tmp/x.deb', /name of a package/],
    ['a host root in a package', '${etc}', /name of a package/],
    ['a package with a version of its own', 'tool=1.0', /name of a package/],
    ['a package that is to be removed', 'tool ', /name of a package/],
    ['a package chosen by free text', ['tool-', { param: 'name' }], /only enum parameters/],
    ['a package chosen by a list', { each: 'version' }, /only enum parameters/],
    ['a package of a tenant', ['tool-', { param: 'tenant' }], /tenant/],
  ] as const)
    refuse(what, says, copy => {
      copy.packages = { tool: { names: [packageName] } }
    })
  refuse('an undeclared parameter', /not declared/, copy =>
    Object.assign(copy.operations.list, { argv: [{ param: 'other' }] }),
  )
  refuse('a control character in a literal', /control/, copy => Object.assign(copy.operations.list, { argv: ['a\nb'] }))
  refuse('an unknown root', /not a host root/, copy => Object.assign(copy.operations.list, { argv: ['${home}/x'] }))
  refuse('a path outside the roots', /must begin with/, copy =>
    Object.assign(copy.files.conf, { path: ['/etc/passwd'] }),
  )
  refuse('a path with dot segments', /clean path/, copy =>
    Object.assign(copy.files.conf, { path: ['${etc}/../x/', { param: 'tenant' }] }),
  )
  refuse('a path chosen by free text', /only enum/, copy =>
    Object.assign(copy.files.conf, { path: ['${etc}/', { param: 'name' }] }),
  )
  refuse('an enum that could leave its directory', /cannot stand in a path/, copy => {
    Object.assign(copy.params, { version: { enum: ['../x'] } })
  })
  refuse("the broker's own state", /state/, copy => Object.assign(copy.files.conf, { path: ['${state}/policy.json'] }))
  refuse("another plugin's state", /state/, copy =>
    Object.assign(copy.files.conf, { path: ['${state}/plugins/other/x'] }),
  )
  for (const mode of ['4755', '2755', '0666', '0777', '0642', '644', '0888'])
    refuse(`mode ${mode}`, /mode/, copy => Object.assign(copy.files.conf, { mode }))
  refuse('a file of a tenant that does not name the tenant', /tenant/, copy =>
    Object.assign(copy.files.conf, { owner: 'tenant', path: ['${etc}/demo.conf'] }),
  )
  refuse('a file without a grammar', /grammar/, copy => Object.assign(copy.files.conf, { format: 'block' }))
  refuse('a grammar elsewhere', /grammar/, copy =>
    Object.assign(copy.files.conf, { format: 'block', grammar: '../../x.json' }),
  )
  refuse('a unit that is no service', /unit/, copy => Object.assign(copy.services.demo, { unit: 'reboot.target' }))
  refuse('a unit that looks like an option', /unit/, copy =>
    Object.assign(copy.services.demo, { unit: '--force.service' }),
  )
  refuse('redeclaring the tenant', /tenant/, copy => Object.assign(copy.params, { tenant: { type: 'port' } }))
  refuse('a pattern that does not compile', /compile/, copy =>
    Object.assign(copy.params, { name: { type: 'pattern', pattern: '(', maxLength: 3 } }),
  )
  refuse('an enum value like an option', /hyphen/, copy => Object.assign(copy.params, { version: { enum: ['-rf'] } }))
  refuse('a change of an unknown file', /not a file/, copy =>
    Object.assign(copy, { changes: { x: { files: ['nope'], service: 'demo' } } }),
  )
  it('refuses reserved names', () =>
    expect(() => parseManifest(JSON.parse('{"operations":{"__proto__":{}}}'), 'demo')).to.throw(/__proto__/))
  it('takes the example of the README of the SDK', () => {
    const text = readFileSync(new URL('../../../sdk/README.md', import.meta.url), 'utf8')
    const [manifest = '', grammar = ''] = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
    expect(() => parseManifest(JSON.parse(manifest), 'beacon')).not.to.throw()
    expect(() => parseGrammar(JSON.parse(grammar))).not.to.throw()
  })
  it('takes the manifests of this repository', () => {
    const text = readFileSync(new URL('../../../plugins/sites/privileges.json', import.meta.url), 'utf8')
    expect(() => parseManifest(JSON.parse(text), 'sites')).not.to.throw()
  })
})

describe('policy', () => {
  let home: BrokerHome
  const open = () => {
    mkdirSync(home.config.roots.state, { recursive: true })
    return new Policy({
      pluginDirs: home.config.pluginDirs,
      versionsFile: home.config.versionsFile,
      stateFile: `${home.config.roots.state}/policy.json`,
      grantsDirectory: `${home.config.roots.state}/grants`,
    })
  }
  const info = (policy: Policy, name: string) => policy.describe(name)[0]
  beforeEach(() => {
    home = brokerHome()
  })
  afterEach(() => home.remove())

  it('counts a first-party plugin as approved and enabled, for its digest alone', () => {
    home.plugin('demo', base)
    const policy = open()
    const { digest, state } = info(policy, 'demo') ?? { digest: '', state: '' }
    expect(state).to.equal('enabled')
    expect(codeOf(() => policy.get('demo', digest))).to.equal('ok')
    expect(codeOf(() => policy.get('demo', 'f'.repeat(64)))).to.equal('policy_changed')
    expect(codeOf(() => policy.get('other', digest))).to.equal('policy_unknown')
    expect(codeOf(() => policy.get('__proto__', digest))).to.equal('policy_unknown')
  })

  it('asks root about others, for each digest again, and remembers the answer', () => {
    home.plugin('demo', base, {}, true)
    const policy = open()
    const first = info(policy, 'demo')?.digest as string
    expect(codeOf(() => policy.get('demo', first))).to.equal('policy_unapproved')
    expect(codeOf(() => policy.enable('demo', first))).to.equal('policy_unapproved')
    expect(codeOf(() => policy.approve('demo', 'f'.repeat(64)))).to.equal('policy_changed')
    expect(policy.approve('demo', first).state).to.equal('disabled')
    expect(policy.enable('demo', first).state).to.equal('enabled')
    expect(codeOf(() => open().get('demo', first))).to.equal('ok')
    home.plugin(
      'demo',
      changed(copy => Object.assign(copy.operations.list, { argv: ['x'] })),
      {},
      true,
    )
    expect(info(policy, 'demo')?.state).to.equal('unapproved')
  })

  it('does not let another directory take over the name of a first-party plugin', () => {
    home.plugin('demo', base)
    home.plugin('demo', {}, {}, true)
    expect(info(open(), 'demo')?.privileges).to.have.property('operations')
  })

  it('disables and enables, across restarts', () => {
    home.plugin('demo', base)
    const policy = open()
    const digest = info(policy, 'demo')?.digest as string
    expect(policy.disable('demo').state).to.equal('disabled')
    expect(codeOf(() => open().get('demo', digest))).to.equal('policy_disabled')
    expect(codeOf(() => open().current('demo'))).to.equal('ok')
    policy.enable('demo', digest)
    expect(codeOf(() => policy.get('demo', digest))).to.equal('ok')
  })

  it('refuses a broken manifest alone and says why', () => {
    home.plugin('demo', base)
    writeFileSync(`${home.plugin('broken', base)}/privileges.json`, '{"operations": {')
    const policy = open()
    expect(info(policy, 'broken')).to.deep.include({ state: 'rejected', digest: '' })
    expect(info(policy, 'broken')?.reason).to.match(/JSON/)
    expect(info(policy, 'demo')?.state).to.equal('enabled')
    expect(codeOf(() => policy.get('broken', ''))).to.equal('policy_rejected')
  })

  it('refuses what others could write', () => {
    const file = `${home.plugin('file', base)}/privileges.json`
    chmodSync(file, 0o646)
    const directory = home.plugin('directory', base)
    chmodSync(directory, 0o777)
    const linked = `${home.plugin('linked', base)}/privileges.json`
    renameSync(linked, `${home.directory}/elsewhere.json`)
    symlinkSync(`${home.directory}/elsewhere.json`, linked)
    const policy = open()
    expect(info(policy, 'file')?.reason).to.match(/writable by everybody/)
    expect(info(policy, 'directory')?.reason).to.match(/writable by everybody/)
    expect(info(policy, 'linked')?.state).to.equal('rejected')
  })

  it('refuses what belongs to a stranger', function () {
    if (process.getuid?.() !== 0) this.skip()
    const at = home.plugin('demo', base)
    chownSync(`${at}/privileges.json`, 12345, 12345)
    expect(info(open(), 'demo')?.reason).to.match(/belongs to user 12345/)
  })

  describe('in a store', () => {
    const store = () => home.config.pluginDirs[1] as string
    const put = (version: string, privileges: object, id = 'demo') =>
      home.plugin(`${id}/${version}`, privileges, {}, true)
    const operation = (name: string) => ({ operations: { [name]: base.operations.list }, params: base.params })
    const operations = (policy: Policy) =>
      Object.keys((info(policy, 'demo')?.privileges as Privileges | undefined)?.operations ?? {})

    it('is read from the newest version, which root alone can approve', () => {
      put('1.9.0', operation('old'))
      const policy = open()
      policy.approve('demo', info(policy, 'demo')?.digest as string)
      const old = policy.enable('demo', info(policy, 'demo')?.digest as string)
      expect([old.state, operations(policy)]).to.deep.equal(['enabled', ['old']])
      put('1.10.0', operation('fresh'))
      put('1.11.0-beta', operation('beta'), 'another')
      expect([info(policy, 'demo')?.state, operations(policy)]).to.deep.equal(['unapproved', ['fresh']])
      expect(codeOf(() => policy.get('demo', old.digest))).to.equal('policy_unapproved')
    })

    it('counts nothing but plain versions, and a package in the directory itself before them', () => {
      put('1.0.0', operation('right'))
      for (const other of ['v9.0.0', 'latest', '9', '9.0.0+build', '.9.0.0']) put(other, operation('wrong'))
      writeFileSync(`${store()}/demo/8.0.0`, 'a file')
      const policy = open()
      expect(operations(policy)).to.deep.equal(['right'])
      writeFileSync(`${home.plugin('demo', operation('itself'), {}, true)}/package.json`, '{}')
      policy.describe()
      expect(operations(policy)).to.deep.equal(['itself'])
    })

    it('has no privileges of an older version when the newest has none', () => {
      put('1.0.0', operation('old'))
      mkdirSync(`${store()}/demo/2.0.0`)
      expect(info(open(), 'demo')).to.equal(undefined)
    })

    it('is refused when others could write to a directory on its path', () => {
      const version = put('1.0.0', operation('list'))
      for (const path of [version, `${store()}/demo`, store(), home.directory]) {
        chmodSync(path, 0o777)
        expect(info(open(), 'demo')?.reason, path).to.equal(`${path} is writable by everybody; run chmod o-w on it`)
        chmodSync(path, 0o755)
      }
      expect(info(open(), 'demo')?.state).to.equal('unapproved')
    })

    it('is refused when a link leads to where others could write', () => {
      const elsewhere = `${home.directory}/elsewhere`
      renameSync(put('1.0.0', operation('list')), `${home.directory}/1.0.0`)
      mkdirSync(elsewhere)
      renameSync(`${home.directory}/1.0.0`, `${elsewhere}/1.0.0`)
      symlinkSync(`${elsewhere}/1.0.0`, `${store()}/demo/1.0.0`)
      expect(info(open(), 'demo')?.state).to.equal('unapproved')
      chmodSync(elsewhere, 0o777)
      expect(info(open(), 'demo')?.reason).to.match(/elsewhere is writable by everybody/)
    })

    it('is refused when a directory on its path belongs to a stranger', function () {
      if (process.getuid?.() !== 0) this.skip()
      put('1.0.0', operation('list'))
      chownSync(`${store()}/demo`, 12345, 12345)
      expect(info(open(), 'demo')?.reason).to.match(/demo belongs to user 12345/)
    })
  })

  it('has another digest when a grammar changes', () => {
    const files = { conf: { ...base.files.conf, format: 'block', grammar: 'grammars/conf.json' } }
    const grammar = { top: 'main', contexts: { main: { a: {} } } }
    home.plugin('demo', { ...base, files }, { conf: grammar })
    const policy = open()
    const before = info(policy, 'demo')
    expect(before?.state, before?.reason).to.equal('enabled')
    home.plugin('demo', { ...base, files }, { conf: { ...grammar, contexts: { main: { a: {}, b: {} } } } })
    expect(info(policy, 'demo')?.digest).not.to.equal(before?.digest)
  })

  it('names operations and services whose program is missing', () => {
    home.plugin(
      'demo',
      changed(copy => Object.assign(copy.operations.list, { bin: '/usr/bin/no-such-program' })),
    )
    expect(info(open(), 'demo')?.unavailable).to.deep.equal([
      { name: 'operations.list', bin: '/usr/bin/no-such-program' },
    ])
  })

  it('offers the versions of this distribution that are installed', () => {
    const file = `${home.directory}/table.json`
    writeFileSync(`${home.directory}/tool2`, '')
    writeFileSync(`${home.directory}/tool3`, '')
    writeFileSync(
      file,
      JSON.stringify({
        tool: { present: `${home.directory}/tool{}`, distributions: { 'debian 12': ['1', '2'] }, others: ['3', '4'] },
      }),
    )
    expect(readVersions(file, 'debian 12').get('tool')).to.deep.equal(['2', '3'])
    expect(readVersions(file, 'debian 99').get('tool')).to.deep.equal(['3'])
    // What may be installed is more than what is there.
    expect(readVersions(file, 'debian 12').get('tool.known')).to.deep.equal(['1', '2', '3', '4'])
    expect(readVersions(file, 'debian 99').get('tool.known')).to.deep.equal(['3', '4'])
  })
})
