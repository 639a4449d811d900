// Makes the services run the previous version: its units before the new ones, its code in the place of the new code.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { ownUnits } from './systemd.mjs'

const mark =
  '# Written by nusantara-panel while its previous version runs; the next upgrade that succeeds removes it.\n'
const dropIn = '90-nusantara-held.conf'

const unitsKept = ({ record }) => join(record, 'units')
const configKept = ({ record }) => join(record, 'etc')

/** Keeps units and configuration as they are now. */
export function keepUnits(paths) {
  for (const name of ownUnits(paths.units)) cpSync(join(paths.units, name), join(unitsKept(paths), name))
  for (const name of configFiles(paths.config)) cpSync(join(paths.config, name), join(configKept(paths), name))
}

const configFiles = directory =>
  existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => entry.name)
    : []

/** Repeating it is right; units that somebody put there by hand stay, and get only their code exchanged. */
export function engage(paths) {
  const { previous, code, localUnits, units } = paths
  const kept = ownUnits(unitsKept(paths))
  for (const name of kept) {
    const local = join(localUnits, name)
    if (isOurs(local)) write(local, readFileSync(join(unitsKept(paths), name), 'utf8'))
    if (!name.endsWith('.service')) continue
    const binds = [[previous, code], ...changedConfig(paths)].map(pair => `BindReadOnlyPaths=${pair.join(':')}\n`)
    write(join(localUnits, `${name}.d`, dropIn), `[Service]\n${binds.join('')}`)
  }
  // What the previous version does not have must not start beside it.
  for (const name of ownUnits(units)) {
    const local = join(localUnits, name)
    if (!kept.includes(name) && !lstatSync(local, { throwIfNoEntry: false })) symlinkSync('/dev/null', local)
  }
}

/** Takes back all that `engage` did. */
export function disengage(paths) {
  const { localUnits, units } = paths
  for (const name of ownUnits(localUnits)) {
    const local = join(localUnits, name)
    if (isOurs(local) || (isMasked(local) && isMaskOurs(paths, name))) rmSync(local)
  }
  if (!existsSync(localUnits)) return
  for (const name of readdirSync(localUnits).filter(entry => /^nusantara-.*\.service\.d$/.test(entry))) {
    rmSync(join(localUnits, name, dropIn), { force: true })
    if (readdirSync(join(localUnits, name)).length === 0) rmdirSync(join(localUnits, name))
  }
  mkdirSync(units, { recursive: true })
}

/**
 * Units that the previous version had and this one has not: nothing starts them any more. After `disengage`.
 *
 * @returns {string[]} their names; they may still run
 */
export function unlinkAbandoned({ record, units, localUnits }) {
  const gone = ownUnits(unitsKept({ record })).filter(
    name => ![units, localUnits].some(directory => existsSync(join(directory, name))),
  )
  const starters = existsSync(localUnits)
    ? readdirSync(localUnits).filter(name => /\.(?:wants|requires)$/.test(name))
    : []
  for (const name of gone) for (const starter of starters) rmSync(join(localUnits, starter, name), { force: true })
  return gone
}

function changedConfig(paths) {
  return configFiles(configKept(paths))
    .map(name => [join(configKept(paths), name), join(paths.config, name)])
    .filter(([kept, now]) => existsSync(now) && !readFileSync(kept).equals(readFileSync(now)))
}

/** True where nothing is, too. */
function isOurs(file) {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return !stats || (stats.isFile() && readFileSync(file, 'utf8').startsWith(mark))
}

const isMasked = file =>
  Boolean(lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) && readlinkSync(file) === '/dev/null'

/** Units that the previous version had are masked by somebody else. */
const isMaskOurs = (paths, name) => !existsSync(join(unitsKept(paths), basename(name)))

function write(file, text) {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, mark + text, { mode: 0o644 })
}
