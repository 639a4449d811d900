import { expect } from 'chai'
import { failureOf } from './failures.js'

/** What the programs said, and what a person is told. */
const said: readonly (readonly [what: string, output: string, code: string, params: object])[] = [
  [
    'apt while another apt works',
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4242 (unattended-upgr)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    'packages_locked',
    { pid: 4242, program: 'unattended-upgr' },
  ],
  [
    'apt while another fetches lists',
    'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 77 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/',
    'packages_locked',
    { pid: 77, program: 'apt-get' },
  ],
  [
    'dpkg while another dpkg works',
    'dpkg: error: dpkg frontend lock was locked by another process with pid 4243\nNote: removing the lock file is always wrong',
    'packages_locked',
    { pid: 4243, program: 'program 4243' },
  ],
  [
    'apt that does not know who it is',
    'E: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource temporarily unavailable)',
    'packages_locked',
    { pid: 0, program: '?' },
  ],
  [
    'a lock that apt waited for in vain, as Debian 12 says it',
    'Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4242 (perl)... 60s\nE: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource temporarily unavailable)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
    'packages_locked',
    { pid: 4242, program: 'perl' },
  ],
  [
    'what came after a lock that was waited for',
    'Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4242 (unattended-upgr)... 3s\ndpkg: error processing package php8.2-fpm (--configure):\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
    'packages_failed',
    {},
  ],
  [
    'no name service',
    "Err:1 http://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'\nW: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'\nW: Some index files failed to download.",
    'packages_unreachable',
    {
      source: 'http://deb.debian.org/debian/dists/bookworm/InRelease',
      reason: "Temporary failure resolving 'deb.debian.org'",
    },
  ],
  [
    'no network',
    'E: Failed to fetch http://deb.debian.org/debian/pool/main/n/nginx/nginx_1.22.1-9_amd64.deb  Could not connect to deb.debian.org:80 (151.101.2.132). - connect (101: Network is unreachable)\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
    'packages_unreachable',
    { source: 'http://deb.debian.org/debian/pool/main/n/nginx/nginx_1.22.1-9_amd64.deb' },
  ],
  [
    'a version that the archive dropped',
    'Err:1 http://deb.debian.org/debian bookworm/main amd64 nginx amd64 1.22.1-8\n  404  Not Found [IP: 151.101.2.132 80]\nE: Failed to fetch http://deb.debian.org/debian/pool/main/n/nginx/nginx_1.22.1-8_amd64.deb  404  Not Found [IP: 151.101.2.132 80]',
    'packages_gone',
    { source: 'http://deb.debian.org/debian/pool/main/n/nginx/nginx_1.22.1-8_amd64.deb' },
  ],
  [
    'a full disk before',
    "E: You don't have enough free space in /var/cache/apt/archives/.",
    'packages_no_space',
    { place: '/var/cache/apt/archives/' },
  ],
  [
    'a full disk in the middle',
    'dpkg: error processing archive /var/cache/apt/archives/x.deb (--unpack):\n cannot copy extracted data: failed to write (No space left on device)',
    'packages_no_space',
    { place: '/' },
  ],
  [
    'an interrupted dpkg',
    "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
    'packages_interrupted',
    {},
  ],
  ['a version that went', "E: Version '1.2' for 'nginx' was not found", 'plan_outdated', {}],
  [
    'a key that is not there',
    "W: GPG error: https://packages.sury.org/php bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY B188E2B695BD4743\nE: The repository 'https://packages.sury.org/php bookworm InRelease' is not signed.",
    'packages_untrusted',
    {},
  ],
  [
    'what does not fit',
    'The following packages have unmet dependencies:\n nginx : Depends: nginx-common (< 1.22.1-9.1~) but 1.26 is to be installed\nE: Unable to correct problems, you have held broken packages.',
    'packages_unmet',
    {},
  ],
  [
    'held packages',
    'E: Held packages were changed and -y was used without --allow-change-held-packages.',
    'packages_held',
    {},
  ],
  [
    'a script of a package',
    'dpkg: error processing package php8.2-fpm (--configure):\n installed php8.2-fpm package post-installation script subprocess returned error exit status 1\nErrors were encountered while processing:\n php8.2-fpm\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
    'packages_failed',
    {},
  ],
  ['nothing', '', 'packages_failed', { output: 'it said nothing' }],
]

describe('failures of the package manager', () => {
  for (const [what, output, code, params] of said)
    it(`has its own problem: ${what}`, () => {
      const problem = failureOf(output, pid => `program ${pid}`)
      expect(problem.code).to.equal(code)
      expect(problem.params).to.include(params)
    })

  it('is told in a bounded number of words', () => {
    const { params } = failureOf(`E: ${'x'.repeat(100_000)}\n`.repeat(10), () => '?')
    expect((params.output as string).length).to.be.lessThan(2000)
  })
})
