import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { made } from '../pem/testing.js'
import type { GetRequest } from './get.js'
import { httpGet } from './get.js'
import type { Answer, CaaRecord, NameResolver } from './resolver.js'

const { createServer } = process.getBuiltinModule('node:http')
const { createServer: createTlsServer } = process.getBuiltinModule('node:https')

/** For tests: what DNS says. `servfail` and `timeout` stand for such answers; a name that is missing does not exist. */
export interface Zone {
  readonly a?: readonly string[] | 'servfail' | 'timeout'
  readonly aaaa?: readonly string[] | 'servfail' | 'timeout'
  /** `issue letsencrypt.org`; a `!` before the tag makes it critical. */
  readonly caa?: readonly string[] | 'servfail' | 'timeout'
}

export function resolverOf(zones: Readonly<Record<string, Zone>>): NameResolver & { readonly asked: string[] } {
  const asked: string[] = []
  const answer = async <T>(name: string, type: keyof Zone, parse: (text: string) => T): Promise<Answer<T>> => {
    asked.push(`${type} ${name}`)
    const zone = zones[name]
    const records = zone?.[type]
    if (records === 'servfail') return { kind: 'failed', answered: true, reason: 'SERVFAIL' }
    if (records === 'timeout') return { kind: 'failed', answered: false, reason: 'TIMEOUT' }
    if (records && records.length > 0) return { kind: 'records', records: records.map(parse) }
    return { kind: zone ? 'none' : 'nonexistent' }
  }
  const text = (record: string) => record
  return {
    asked,
    a: name => answer(name, 'a', text),
    aaaa: name => answer(name, 'aaaa', text),
    caa: name => answer(name, 'caa', caaRecord),
  }
}

function caaRecord(text: string): CaaRecord {
  const [, critical, tag = '', value = ''] = /^(!?)(\S+) ?(.*)$/.exec(text) ?? []
  return { critical: critical === '!', tag, value }
}

/** For tests: real servers on this machine that stand for addresses of the world. */
export class World {
  readonly #servers: Server[] = []
  readonly #ports = new Map<string, number>()
  readonly requests: GetRequest[] = []
  /** Of connections, `address:port`, also to where nobody is. */
  readonly connections: string[] = []
  readonly #get = httpGet({
    connect: (address, port) => {
      this.connections.push(`${address}:${port}`)
      return { host: '127.0.0.1', port: this.#ports.get(`${address}:${port}`) ?? this.#closed }
    },
  })
  #closed = 1

  readonly get = (request: GetRequest) => {
    this.requests.push(request)
    return this.#get(request)
  }

  async serve(address: string, listener: RequestListener): Promise<void> {
    await this.#listen(`${address}:80`, createServer(listener))
  }

  async serveTls(address: string, listener: RequestListener): Promise<void> {
    const { pem, key } = await made({ names: ['wrong.test'] })
    await this.#listen(`${address}:443`, createTlsServer({ cert: pem, key }, listener))
  }

  async #listen(place: string, server: Server): Promise<void> {
    this.#servers.push(server)
    this.#ports.set(place, await listening(server))
  }

  /** A port where nobody listens: one that somebody just left. */
  async open(): Promise<void> {
    const server = createServer()
    this.#closed = await listening(server)
    await closed(server)
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closed))
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
