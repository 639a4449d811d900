// What sites need of the package's files, and keep when the package goes.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sharedBySites, siteUnits, systemctl } from './systemd.mjs'

const mark = '# Kept for the sites when nusantara-panel was removed. Installing it again takes this file away.\n'

/** Units of the templates that are enabled or run, by systemd's word. */
function instancesOf(templates) {
  const patterns = templates.map(name => name.replace('@.', '@*.'))
  if (patterns.length === 0) return []
  const listed = [
    systemctl('list-units', '--all', '--plain', '--no-legend', ...patterns),
    systemctl('list-unit-files', '--plain', '--no-legend', ...patterns),
  ]
  const names = listed.flatMap(({ output }) => output.split('\n').map(line => line.split(/\s+/)[0]))
  return [...new Set(names.filter(name => /@.+\./.test(name)))]
}

/** Before the package's units are gone: those that sites are served by stay, as files of this machine. */
export function keepForSites(paths) {
  const all = siteUnits(paths.units)
  const templates = all.filter(name => name.includes('@'))
  const instances = instancesOf(templates)
  const shared = sharedBySites(paths.units)
  if (instances.length === 0 && !statSync(paths.tenants, { throwIfNoEntry: false })?.size) {
    systemctl('disable', '--quiet', '--now', ...shared)
    return
  }
  const used = templates.filter(name => instances.some(instance => sameTemplate(instance, name)))
  for (const name of [...used, ...shared, ...all.filter(name => name.endsWith('.slice'))])
    keep(join(paths.units, name), join(paths.localUnits, name))
  keep(paths.tmpfiles, paths.localTmpfiles)
  systemctl('daemon-reload')
  relink([...instances, ...shared])
}

/** The package is back with its own. */
export function takeBackFromSites(paths) {
  const kept = siteUnits(paths.localUnits).filter(name => isKept(join(paths.localUnits, name)))
  const instances = instancesOf(kept.filter(name => name.includes('@')))
  for (const name of kept) rmSync(join(paths.localUnits, name))
  if (isKept(paths.localTmpfiles)) rmSync(paths.localTmpfiles)
  if (kept.length > 0) {
    systemctl('daemon-reload')
    relink([...instances, ...sharedBySites(paths.units)])
  }
}

/** `nusantara-php8.2@s123.service` is of `nusantara-php8.2@.service`. */
const sameTemplate = (instance, template) => instance.replace(/@.*\./, '@.') === template

/** The links by which enabled instances start at boot lead to the file that is there now. */
function relink(instances) {
  const enabled = instances.filter(name => systemctl('is-enabled', '--quiet', name).ok)
  if (enabled.length > 0) systemctl('reenable', '--quiet', ...enabled)
}

function keep(from, to) {
  if (!existsSync(from) || (existsSync(to) && !isKept(to))) return
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, mark + readFileSync(from, 'utf8'), { mode: 0o644 })
}

const isKept = file => existsSync(file) && readFileSync(file, 'utf8').startsWith(mark)
