/** One distribution that the package is tested on. */
export interface Distribution {
  readonly name: string
  readonly suite: string
  /** What `php-fpm` is there. */
  readonly php: string
}

export const distributions: Readonly<Record<string, Distribution>> = {
  12: { name: 'Debian 12', suite: 'bookworm', php: '8.2' },
  13: { name: 'Debian 13', suite: 'trixie', php: '8.4' },
}

const chosen = process.env.NUSA_SYSTEM_DEBIAN ?? '12'

/** What this process tests on: `NUSA_SYSTEM_DEBIAN`, set by `npm run test:system`. */
export const debian: Distribution = (() => {
  const found = distributions[chosen]
  if (!found) throw new Error(`NUSA_SYSTEM_DEBIAN=${chosen}: known are ${Object.keys(distributions).join(', ')}`)
  return found
})()

/** In every server from the beginning: what a provider's smallest image has. */
export const basePackages = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'ca-certificates', 'curl']

/**
 * What `apt` can install in a server without a network: the dependencies of each line, resolved together. Names that a
 * distribution does not know are left out, so that one list serves all.
 */
export const archivePackages: readonly (readonly string[])[] = [
  ['nginx-light', 'php-fpm'],
  ['nginx', 'php-fpm', 'php-cli'],
  ['apache2'],
  ['logrotate', 'cron', 'sudo', 'openssl'],
  ['mariadb-server'],
  ['postgresql'],
  ['redis-server'],
  // What `npm run bench` measures beside the package.
  ['cockpit-ws', 'cockpit-bridge', 'cockpit-system'],
]
