import { expect } from 'chai'
import fc from 'fast-check'
import { OutputUnclear, parsePolicy, parseSimulation, parseSizes, parseStatus } from './apt-output.js'

/**
 * The forms in which apt 2.4 (Ubuntu 22.04), 2.6 (Debian 12), 2.8 (Ubuntu 24.04) and 3.0 (Debian 13) say it, written down by hand:
 * the tests on booted servers meet what those of Debian 12 and 13 really say.
 */
const simulations = {
  'debian 12': `NOTE: This is only a simulation!
Reading package lists...
Building dependency tree...
Reading state information...
The following additional packages will be installed:
  libargon2-1 php8.2-cli php8.2-common
Suggested packages:
  php-pear
The following NEW packages will be installed:
  libargon2-1 php8.2-cli php8.2-common php8.2-fpm
0 upgraded, 4 newly installed, 0 to remove and 0 not upgraded.
Inst libargon2-1 (0~20171227-0.3+deb12u1 Debian:12.11/stable [amd64])
Inst php8.2-common (8.2.29-1~deb12u1 Debian:12.12/stable, Debian-Security:12/stable-security [amd64])
Inst php8.2-cli (8.2.29-1~deb12u1 Debian-Security:12/stable-security [amd64])
Inst php8.2-fpm (8.2.29-1~deb12u1 Debian-Security:12/stable-security [amd64])
Conf libargon2-1 (0~20171227-0.3+deb12u1 Debian:12.11/stable [amd64])
Conf php8.2-common (8.2.29-1~deb12u1 Debian:12.12/stable [amd64])
`,
  'debian 13': `Reading package lists...
Building dependency tree...
Reading state information...
Solving dependencies...
Installing dependencies:
  nginx-common

Installing:
  nginx

Suggested packages:
  fcgiwrap  nginx-doc  ssl-cert

Summary:
  Upgrading: 0, Installing: 2, Removing: 0, Not Upgrading: 0
Inst nginx-common (1.26.3-3+deb13u1 Debian:13.1/stable [all])
Inst nginx (1.26.3-3+deb13u1 Debian:13.1/stable [amd64])
Conf nginx-common (1.26.3-3+deb13u1 Debian:13.1/stable [all])
Conf nginx (1.26.3-3+deb13u1 Debian:13.1/stable [amd64])
`,
  'ubuntu 22.04': `The following NEW packages will be installed:
  redis-server
The following packages will be upgraded:
  libc6
Inst libc6 [2.35-0ubuntu3.4] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates [amd64]) [libc6:i386 on libc6:amd64] [libc6:i386 ]
Inst libc6:i386 [2.35-0ubuntu3.4] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates [i386])
Inst redis-server (5:6.0.16-1ubuntu1 Ubuntu:22.04/jammy [amd64])
`,
  'ubuntu 24.04 with another repository': `Inst php8.4-fpm (8.4.12-1+ubuntu24.04.1+deb.sury.org+1 ***** The main PPA for supported PHP versions with many PECL extensions *****:24.04/noble [amd64])
`,
}

describe('output of the package manager', () => {
  it('is read from each distribution', () => {
    const found = Object.fromEntries(
      Object.entries(simulations).map(([host, output]) => [
        host,
        parseSimulation(output).packages.map(({ name, version, action }) => `${action} ${name}=${version}`),
      ]),
    )
    expect(found).to.deep.equal({
      'debian 12': [
        'install libargon2-1=0~20171227-0.3+deb12u1',
        'install php8.2-common=8.2.29-1~deb12u1',
        'install php8.2-cli=8.2.29-1~deb12u1',
        'install php8.2-fpm=8.2.29-1~deb12u1',
      ],
      'debian 13': ['install nginx-common=1.26.3-3+deb13u1', 'install nginx=1.26.3-3+deb13u1'],
      'ubuntu 22.04': [
        'upgrade libc6=2.35-0ubuntu3.8',
        'upgrade libc6:i386=2.35-0ubuntu3.8',
        'install redis-server=5:6.0.16-1ubuntu1',
      ],
      'ubuntu 24.04 with another repository': ['install php8.4-fpm=8.4.12-1+ubuntu24.04.1+deb.sury.org+1'],
    })
  })

  it('names what would go, become older, or is held', () => {
    const { removed, downgraded, held } = parseSimulation(`The following packages will be REMOVED:
  apache2* libapache2-mod-php8.2
  ssl-cert*
The following held packages will be changed:
  libc6
The following packages will be DOWNGRADED:
  nginx nginx-common
Remv apache2 [2.4.62-1] [libapache2-mod-php8.2:amd64 ]
Purg ssl-cert [1.1]
`)
    expect(removed).to.have.members(['apache2', 'libapache2-mod-php8.2', 'ssl-cert'])
    expect([downgraded, held]).to.deep.equal([['nginx', 'nginx-common'], ['libc6']])
    // As apt 3 writes it.
    const newer = parseSimulation(
      'REMOVING:\n  apache2\n\nDOWNGRADING:\n  nginx  nginx-common\n\nChanging held packages:\n  libc6\n',
    )
    expect(newer).to.deep.include({ removed: ['apache2'], downgraded: ['nginx', 'nginx-common'], held: ['libc6'] })
  })

  it('is not guessed at', () => {
    for (const row of [
      'Inst nginx',
      'Inst nginx (1.0)',
      'Inst nginx (1.0 Debian [amd64]',
      'Inst -o (1.0 Debian [amd64])',
      'Inst nginx;id (1.0 Debian [amd64])',
      'Inst nginx (1.0$(id) Debian [amd64])',
      'Inst nginx (-1 Debian [amd64])',
      'Remv ',
      'Remv --all',
    ])
      expect(() => parseSimulation(row), row).to.throw(OutputUnclear)
    expect(() => parsePolicy('nginx:\n  Installed: (none)\n')).to.throw(OutputUnclear)
    expect(() => parsePolicy('nginx:\n  Installed: $(id)\n')).to.throw(OutputUnclear)
    expect(() => parseStatus('nginx|1')).to.throw(OutputUnclear)
  })

  it('never becomes anything but a name and a version', () => {
    const odd = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(odd, odd, odd, (name, version, rest) => {
        const output = `Inst ${name} (${version} ${rest} [amd64])`
        try {
          for (const each of parseSimulation(output).packages)
            expect(`${each.name}=${each.version}`).to.match(/^[a-z0-9][a-z0-9+.:-]*=[A-Za-z0-9][A-Za-z0-9.+~:-]*$/)
        } catch (error) {
          if (!(error instanceof OutputUnclear)) throw error
        }
      }),
    )
  })

  it('tells versions and sizes', () => {
    const policy = parsePolicy(`nginx:
  Installed: (none)
  Candidate: 1.22.1-9
  Version table:
     1.22.1-9 500
        500 http://deb.example.test/debian bookworm/main amd64 Packages
php8.2-fpm:
  Installed: 8.2.29-1~deb12u1
  Candidate: (none)
  Version table:
 *** 8.2.29-1~deb12u1 100
        100 /var/lib/dpkg/status
`)
    expect([...policy.values()]).to.deep.equal([
      { name: 'nginx', installed: null, candidate: '1.22.1-9' },
      { name: 'php8.2-fpm', installed: '8.2.29-1~deb12u1', candidate: null },
    ])
    const sizes = parseSizes(
      'Package: nginx\nVersion: 1.22.1-9\nInstalled-Size: 1321\nArchitecture: amd64\nSize: 527552\nDescription: x\n Size: 9\n\nPackage: odd\nVersion: 1\n',
    )
    expect(sizes.get('nginx 1.22.1-9')).to.deep.equal({ download: 527_552, installed: 1321 * 1024 })
    expect(sizes.get('nginx:amd64 1.22.1-9')).to.deep.equal(sizes.get('nginx 1.22.1-9'))
    expect(sizes.get('odd 1')).to.deep.equal({ download: 0, installed: 0 })
    expect(parseStatus('libc6:amd64|2.36-9|installed\nnginx|1.22|half-configured\n')).to.have.length(2)
  })
})
