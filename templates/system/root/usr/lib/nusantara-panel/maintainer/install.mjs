import { startAndAsk } from './gate.mjs'
import { notStarted, ready } from './report.mjs'
import { state } from './state.mjs'
import { installable, ownUnits, systemctl, systemdRuns } from './systemd.mjs'

/** A first installation, or one over a version that could not be held: enables, starts, and says where the panel is. */
export async function install(paths, say) {
  const units = installable(paths.units)
  systemctl('enable', '--quiet', ...units)
  if (!systemdRuns()) return
  systemctl('daemon-reload')
  // After a version that had other units, what they still hold would be in the way.
  systemctl('stop', ...ownUnits(paths.units))
  try {
    await startAndAsk(paths, units)
    say(ready(state(paths, 'links').split('\n')))
  } catch (error) {
    say(notStarted(error))
  }
}
