// The real parts the tests run against, from Debian.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { run } from './run.mjs'

const chromium = { name: 'Chromium', package: 'chromium', present: () => existsSync('/usr/bin/chromium') }
const setpriv = { name: 'setpriv', package: 'util-linux', present: () => existsSync('/usr/bin/setpriv') }
const pebble = { name: 'Pebble', package: 'pebble', present: () => existsSync('/usr/bin/pebble') }
const openssl = { name: 'openssl', package: 'openssl', present: () => existsSync('/usr/bin/openssl') }

/** What `npm test` needs. */
export const forTests = [
  { name: 'nginx', package: 'nginx', present: () => existsSync('/usr/sbin/nginx') },
  {
    name: 'PHP-FPM',
    package: 'php-fpm',
    present: () => readdirSync('/usr/sbin').some(file => /^php-fpm\d/.test(file)),
  },
  {
    name: 'PostgreSQL',
    package: 'postgresql',
    present: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0,
  },
  chromium,
  setpriv,
  { name: 'systemd-notify', package: 'systemd', present: () => existsSync('/usr/bin/systemd-notify') },
  { name: 'readelf', package: 'binutils', present: () => existsSync('/usr/bin/readelf') },
  { name: 'lintian', package: 'lintian', present: () => existsSync('/usr/bin/lintian') },
  { name: 'groff', package: 'groff-base', present: () => existsSync('/usr/bin/groff') },
  { name: 'zsh', package: 'zsh', present: () => existsSync('/usr/bin/zsh') },
  { name: 'fish', package: 'fish', present: () => existsSync('/usr/bin/fish') },
  { name: 'shellcheck', package: 'shellcheck', present: () => existsSync('/usr/bin/shellcheck') },
  pebble,
  { name: 'BIND', package: 'bind9', present: () => existsSync('/usr/sbin/named') },
  openssl,
  { name: 'sudo', package: 'sudo', present: () => existsSync('/usr/bin/sudo') },
]

/** What `npm run test:system` boots servers with. */
export const forServers = [
  { name: 'mmdebstrap', package: 'mmdebstrap', present: () => existsSync('/usr/bin/mmdebstrap') },
  { name: 'systemd-nspawn', package: 'systemd-container', present: () => existsSync('/usr/bin/systemd-nspawn') },
  { name: 'ip', package: 'iproute2', present: () => existsSync('/sbin/ip') },
  { name: 'nsenter', package: 'util-linux', present: () => existsSync('/usr/bin/nsenter') },
  // Beside a server: an authority and a browser.
  chromium,
  setpriv,
  pebble,
  openssl,
]

const policy = '/usr/sbin/policy-rc.d'

/** Installs with services kept from starting: the tests start their own. */
async function install(packages) {
  const guard = !existsSync(policy)
  if (guard) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] }
  try {
    if ((await run('apt-get', ['update', '-qq'], options)) !== 0) return false
    return (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)) === 0
  } finally {
    if (guard) rmSync(policy, { force: true })
  }
}

/** Installs of the parts what is missing, where it may. Answers those still missing. */
export async function ensureHostPackages(parts) {
  const missing = () => parts.filter(part => !part.present())
  const first = missing()
  if (first.length > 0 && process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`nusantara: installing ${first.map(part => part.package).join(' ')} for the tests\n`)
    await install(first.map(part => part.package))
  }
  return missing()
}
