import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { ownNames } from '../host/own-names.js'

/**
 * Where a browser finds the panel, best first, with the setup token while one waits: configured names, else this machine's
 * full name and its first address. The panel answers under all of them.
 */
export async function panelLinks({ home, hosts, port }: Pick<Config, 'home' | 'hosts' | 'port'>): Promise<string[]> {
  const token = await setupToken(home)
  const names = hosts.length > 0 ? hosts : [...ownNames().slice(0, 1), ...firstAddress()]
  return names.map(name => `https://${name}:${port}${token ? `/setup#token=${token}` : '/'}`)
}

async function setupToken(home: string): Promise<string> {
  try {
    return (await readFile(join(home, 'setup-token'), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function firstAddress(): string[] {
  const outside = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const [first] = [...outside].sort((a, b) => a.family.localeCompare(b.family))
  if (!first) return []
  return [first.family === 'IPv6' ? `[${first.address}]` : first.address]
}
