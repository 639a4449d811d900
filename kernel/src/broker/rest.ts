import { execFileSync } from 'node:child_process'
import { fixedEnvironment } from './command.js'
import { allProcesses } from './process-identity.js'
import { isIdle, type Look, look } from './services/resting.js'
import { readStateFile, writeStateFile } from './state-file.js'

/**
 * `node rest.js PATTERN FILE`: stops the services of sites that had nothing to do since the last run, where systemd holds
 * their socket and starts them again for the next visitor. Run by a timer of small machines; the file keeps the looks.
 */
function main([pattern, file]: readonly string[]): void {
  if (pattern === undefined || file === undefined) throw new Error('usage: rest.js PATTERN FILE')
  const before = (readStateFile(file) ?? {}) as Readonly<Record<string, Look>>
  const processes = allProcesses()
  const seen: Record<string, Look> = {}
  const idle: string[] = []
  for (const { unit, pid } of services(pattern)) {
    const now = look(pid, processes)
    if (!now) continue
    if (isIdle(now, before[unit])) idle.push(unit)
    else seen[unit] = now
  }
  writeStateFile(file, seen)
  if (idle.length) systemctl(['stop', '--', ...idle])
}

/** Running services whose socket systemd holds. */
function services(pattern: string): readonly { readonly unit: string; readonly pid: number }[] {
  const shown = systemctl(['show', '--property=Id,MainPID,TriggeredBy,ActiveState', '--', pattern])
  return shown.split('\n\n').flatMap(block => {
    const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? ''
    const ready = field('ActiveState') === 'active' && field('TriggeredBy').includes('.socket')
    return ready ? [{ unit: field('Id'), pid: Number(field('MainPID')) }] : []
  })
}

function systemctl(argv: readonly string[]): string {
  return execFileSync('/usr/bin/systemctl', argv, { encoding: 'utf8', env: { ...fixedEnvironment }, timeout: 60_000 })
}

main(process.argv.slice(2))
