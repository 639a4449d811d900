import { join } from 'node:path'

/** Where the package, its previous version and the record of an upgrade are. @param prefix root of another tree, for tests */
export function pathsBelow(prefix = '') {
  const at = path => join(prefix || '/', path)
  return {
    code: at('usr/lib/nusantara-panel'),
    /** The code that ran before an upgrade, linked aside until the new one has proved itself. */
    previous: at('usr/lib/nusantara-panel.previous'),
    units: at('usr/lib/systemd/system'),
    /** Units here go before those of packages (systemd.unit(5)). */
    localUnits: at('etc/systemd/system'),
    tmpfiles: at('usr/lib/tmpfiles.d/nusantara-panel.conf'),
    localTmpfiles: at('etc/tmpfiles.d/nusantara-panel.conf'),
    /** Directories of all sites, written by the broker; empty or absent while there is no site. */
    tenants: at('var/lib/nusantara-broker/tenants.tmpfiles'),
    config: at('etc/nusantara'),
    /** Where the command line meets the panel; systemd holds the first one where the panel starts on demand. */
    doors: [at('run/nusantara/panel.sock'), at('var/lib/nusantara/run/panel.sock')],
    /** Root's, readable by all: the panel shows what stands here and cannot change it. */
    record: at('var/lib/nusantara-upgrade'),
  }
}
