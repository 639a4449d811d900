import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** False in a chroot that an image is made in: units are enabled there and start with the image. */
export const systemdRuns = () => existsSync('/run/systemd/system')

/** @returns {{ok: boolean, output: string}} */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 180_000, ...options })
  return { ok: status === 0, output: [stdout, stderr, error?.message].filter(Boolean).join('').trim() }
}

export const systemctl = (...args) => run('systemctl', args)

const ownUnit = /^nusantara-[^@]+\.(?:service|socket|timer|path)$/

/** The package's units but those of sites, which are templates, sockets first. */
export function ownUnits(directory) {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter(name => ownUnit.test(name))
  const sockets = names.filter(name => name.endsWith('.socket'))
  return [...sockets.sort(), ...names.filter(name => !sockets.includes(name)).sort()]
}

/** Units that an administrator may enable: they say by what they are wanted. */
export function installable(directory) {
  return ownUnits(directory).filter(name => /^\[Install\]/m.test(readFileSync(join(directory, name), 'utf8')))
}

/** What the panel's and the broker's logs say since then, the last lines. @param {Date} since */
export function lastWords(since, lines = 12) {
  const units = ['nusantara-panel.service', 'nusantara-broker.service'].flatMap(unit => ['--unit', unit])
  const args = [
    ...units,
    `--since=@${Math.floor(since.getTime() / 1000)}`,
    `--lines=${lines}`,
    '--output=cat',
    '--quiet',
  ]
  return run('journalctl', ['--no-pager', ...args]).output
}
