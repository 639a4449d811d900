import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** False in a chroot that an image is made in: units are enabled there and start with the image. */
export const systemdRuns = () => existsSync('/run/systemd/system')

/** @returns {{ok: boolean, output: string}} */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 180_000, ...options })
  return { ok: status === 0, output: [stdout, stderr, error?.message].filter(Boolean).join('').trim() }
}

export const systemctl = (...args) => run('systemctl', args)

/** Of a template, or what all sites share: they are the sites', whoever brought them. */
const ofSites = name => /@|^nusantara-(?:sites|tenants)\b|^run-nusantara-/.test(name)
const unitName = /^(?:run-)?nusantara-.+\.(?:service|socket|timer|path|mount|slice)$/
const wanted = /^(?:Wanted|Required)By=/m

const unitsIn = directory =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter(name => unitName.test(name))
        .sort()
    : []
const saysByWhat = (directory, name) => wanted.test(readFileSync(join(directory, name), 'utf8'))

/** The units of panel and broker, sockets first: they would start again what is stopped before them. */
export function ownUnits(directory) {
  const own = unitsIn(directory).filter(name => !ofSites(name) && !name.endsWith('.slice'))
  return [...own.filter(isSocket), ...own.filter(name => !isSocket(name))]
}

const isSocket = name => name.endsWith('.socket')

/** The units of sites: templates, and what all sites share. */
export const siteUnits = directory => unitsIn(directory).filter(name => ofSites(name))

/** Those of panel and broker that are enabled with the package. */
export const installable = directory => ownUnits(directory).filter(name => saysByWhat(directory, name))

/** Those of all sites together that are enabled with the package. */
export const sharedBySites = directory =>
  siteUnits(directory).filter(name => !name.includes('@') && saysByWhat(directory, name))

/** What runs of the panel beyond the package's files, as timers that it has set; not what serves sites. */
export function runningUnits() {
  const { output } = systemctl('list-units', '--plain', '--no-legend', 'nusantara-*')
  const names = output.split('\n').map(line => line.split(/\s+/)[0])
  return names.filter(
    name => unitName.test(name) && !name.endsWith('.slice') && (!ofSites(name) || /-rest\./.test(name)),
  )
}

/** The environment that a service gets, with what an administrator has added. Of variables given twice, the later one. */
export function environmentOf(unit) {
  const { output } = systemctl('show', unit, '--property=Environment', '--property=EnvironmentFiles')
  return parseEnvironment(output)
}

/** Of what `systemctl show` prints: words, in double quotes with backslashes where they need it; files go before words. */
export function parseEnvironment(shown) {
  const lines = name =>
    shown.split('\n').flatMap(line => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
  const words = lines('Environment').flatMap(line => line.match(/"(?:\\.|[^"\\])*"|[^\s"]+/g) ?? [])
  const plain = words.map(word => (word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word))
  const files = lines('EnvironmentFiles').map(line => line.replace(/ \(ignore_errors=(?:yes|no)\)$/, ''))
  return Object.assign(
    Object.fromEntries(plain.map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])),
    ...files.filter(file => existsSync(file)).map(file => parseEnv(readFileSync(file, 'utf8'))),
  )
}

/**
 * What the logs of units say since then, the last lines. Not by `--lines`: together with `--since`, the journalctl of
 * Debian 12 shows the first ones.
 *
 * @param {string[]} units @param {Date} since
 */
export function lastWords(units, since, lines = 20) {
  const args = [
    ...units.flatMap(unit => ['--unit', unit]),
    `--since=@${Math.floor(since.getTime() / 1000)}`,
    '--output=cat',
    '--quiet',
  ]
  return run('journalctl', ['--no-pager', ...args])
    .output.split('\n')
    .slice(-lines)
    .join('\n')
}
