import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Endpoint } from '../endpoint.js'
import type { TsigKey } from '../tsig.js'

export interface TestZone {
  /** Lines of the zone file below its SOA record. */
  readonly records: readonly string[]
  /** Names of the keys that may change TXT records; anybody may when left out. */
  readonly updaters?: readonly string[]
}

/** A real name server on a port of its own, ended by `await using`. */
export interface Named extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** As a provider's configuration has it. */
  readonly server: string
}

const binary = '/usr/sbin/named'
const address = '127.0.0.1'

/** @param zones authoritative, by name */
export async function startNamed(
  zones: Readonly<Record<string, TestZone>>,
  keys: readonly TsigKey[] = [],
): Promise<Named> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(zones, keys, { address, port: await freePort() })
    } catch (error) {
      // Somebody else took the port meanwhile.
      if (attempt === 5) throw error
    }
  }
}

/** A port on which nobody listens, neither for datagrams nor for connections. */
export async function freePort(): Promise<number> {
  const stream = createServer().listen(0, address)
  await once(stream, 'listening')
  const { port } = stream.address() as { port: number }
  const datagram = createSocket('udp4').bind(port, address)
  const free = await once(datagram, 'listening').then(
    () => true,
    () => false,
  )
  datagram.close()
  stream.close()
  await once(stream, 'close')
  return free ? port : freePort()
}

async function start(
  zones: Readonly<Record<string, TestZone>>,
  keys: readonly TsigKey[],
  endpoint: Endpoint,
): Promise<Named> {
  const directory = await mkdtemp(join(tmpdir(), 'nusa-named-'))
  // A copy, because Debian's AppArmor profile lets the original see no directory but its own.
  await copyFile(binary, join(directory, 'named'))
  await writeFile(join(directory, 'named.conf'), configuration(directory, zones, keys, endpoint))
  for (const [zone, { records }] of Object.entries(zones))
    await writeFile(join(directory, `${zone}.db`), zoneFile(records))
  const child = spawn(join(directory, 'named'), ['-g', '-n', '1', '-c', join(directory, 'named.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  const lines: string[] = []
  for await (const line of createInterface(child.stderr)) {
    lines.push(line)
    if (line.includes('interface ignored') || line.includes('loading configuration: ')) break
    if (!line.endsWith(' running')) continue
    child.stderr.resume()
    return { endpoint, server: `${endpoint.address}:${endpoint.port}`, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error(`named does not run:\n${lines.slice(-20).join('\n')}`)
}

function configuration(
  directory: string,
  zones: Readonly<Record<string, TestZone>>,
  keys: readonly TsigKey[],
  { address, port }: Endpoint,
): string {
  const policy = ({ updaters }: TestZone) =>
    updaters
      ? `update-policy { ${updaters.map(key => `grant "${key}" zonesub TXT;`).join(' ')} };`
      : 'allow-update { any; };'
  return [
    `options { directory "${directory}"; pid-file none; lock-file none; session-keyfile "${directory}/session.key";`,
    `listen-on port ${port} { ${address}; }; listen-on-v6 { none; };`,
    'recursion no; notify no; dnssec-validation no; };',
    'controls { };',
    ...keys.map(key => `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };`),
    ...Object.entries(zones).map(
      ([name, zone]) => `zone "${name}" { type primary; file "${name}.db"; ${policy(zone)} };`,
    ),
  ].join('\n')
}

function zoneFile(records: readonly string[]): string {
  return ['$TTL 60', '@ SOA ns1 hostmaster 1 60 60 60 60', ...records, ''].join('\n')
}
