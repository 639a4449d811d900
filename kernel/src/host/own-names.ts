import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * The names of this machine, the full one first: what hosts(5) has for its host name (`127.0.1.1 panel.example.com panel`),
 * and the host name. Nobody but root writes that file, so no foreign name gets in.
 */
export function ownNames(name = hostname(), hostsFile = '/etc/hosts'): readonly string[] {
  const own = name.toLowerCase()
  const full = readHosts(hostsFile).find(names => names.includes(own))?.[0]
  return [...new Set([...(full?.startsWith(`${own}.`) ? [full] : []), own])]
}

/** The names of each line, the canonical one first. */
function readHosts(file: string): string[][] {
  try {
    const lines = readFileSync(file, 'utf8').toLowerCase().split('\n')
    return lines.map(line => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  } catch {
    // Optional, says hosts(5).
    return []
  }
}
