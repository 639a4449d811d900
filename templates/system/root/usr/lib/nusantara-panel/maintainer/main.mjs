// What the maintainer scripts of the Debian package do; the scripts themselves only call this.
import { hold, release } from './hold.mjs'
import { install } from './install.mjs'
import { pathsBelow } from './paths.mjs'
import { held } from './record.mjs'
import { inert } from './report.mjs'
import { keepForSites, takeBackFromSites } from './sites.mjs'
import { installable, ownUnits, runningUnits, sharedBySites, systemctl, systemdRuns } from './systemd.mjs'
import { upgrade } from './upgrade.mjs'

const paths = pathsBelow()
const say = text => process.stdout.write(inert(text))
const reload = () => systemdRuns() && systemctl('daemon-reload')

const words = {
  /** postinst configure */
  async configure() {
    takeBackFromSites(paths)
    systemctl('enable', '--quiet', ...sharedBySites(paths.units))
    if (systemdRuns() && held(paths)) return upgrade(paths, say)
    release(paths)
    return install(paths, say)
  },

  /** prerm upgrade: the version that runs goes on, from where unpacking does not reach it. */
  async hold() {
    if (!hold(paths)) return
    reload()
    if (!systemdRuns()) return
    for (const service of ['nusantara-broker.service', 'nusantara-panel.service']) {
      if (systemctl('try-restart', service).ok) continue
      // A half of each version must not run.
      release(paths)
      reload()
      systemctl('stop', ...ownUnits(paths.units))
      throw new Error(`${service} did not start from a copy of its code; the upgrade goes on without a way back`)
    }
  },

  /** postinst abort-upgrade: nothing was unpacked, or it was taken back. */
  async resume() {
    if (held(paths)?.failed) return
    release(paths)
    reload()
    if (systemdRuns()) systemctl('try-restart', 'nusantara-broker.service', 'nusantara-panel.service')
  },

  /** prerm remove: sites go on without the panel. */
  async remove() {
    keepForSites(paths)
    release(paths)
    reload()
    systemctl('disable', '--quiet', ...installable(paths.units))
    if (systemdRuns()) systemctl('stop', ...ownUnits(paths.units), ...runningUnits())
  },
}

try {
  const word = process.argv[2] ?? ''
  if (!Object.hasOwn(words, word)) throw new Error(`usage: main.mjs ${Object.keys(words).join('|')}`)
  await words[word]()
} catch (error) {
  process.stderr.write(inert(`nusantara-panel: ${error.message}\n`))
  process.exitCode = 1
}
