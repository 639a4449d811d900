import { expect } from 'chai'
import { Apt } from './apt.js'
import { unitArguments } from './package-unit.js'

describe('the unit in which packages are installed', () => {
  const apt = new Apt('test')
  const log = '/var/lib/nusantara-broker/packages/output.log'

  it('has one name, an end in time, and asks nobody', () => {
    const argv = unitArguments({ description: 'Install a', command: apt.install(['a=1']) }, log)
    expect(argv).to.include.members([
      '--unit=nusantara-packages.service',
      '--service-type=oneshot',
      '--remain-after-exit',
      '--property=TimeoutStartSec=45min',
      `--property=StandardOutput=append:${log}`,
      '--setenv=DEBIAN_FRONTEND=noninteractive',
    ])
    expect(argv.slice(argv.indexOf('--'))).to.include.members([
      '--',
      '/usr/bin/apt-get',
      '--assume-yes',
      '--no-remove',
      'a=1',
    ])
    expect(argv.filter(word => /allow|force-(?:yes|overwrite|all|dep)/.test(word))).to.deep.equal([])
  })

  it('marks what came as a dependency in the same work', () => {
    const after = apt.markAutomatic(['libc6:i386', 'php8.2-common', 'libstdc++6'])
    const argv = unitArguments({ description: 'Install a', command: apt.install(['a=1']), after }, log)
    expect(argv).to.include('--property=ExecStartPost=/usr/bin/apt-mark auto -- libc6:i386 php8.2-common libstdc++6')
    for (const word of ['a b', 'a;b', '$X', '%n', '"'])
      expect(
        () => unitArguments({ description: '', command: after, after: apt.markAutomatic([word]) }, log),
        word,
      ).to.throw()
  })
})
