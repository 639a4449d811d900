import { Resolver as SystemResolver } from 'node:dns'
import { ask } from './ask.js'
import { type Endpoint, parseEndpoint } from './endpoint.js'
import { LookupFailed, NoNameservers, ZoneUnknown } from './errors.js'
import type { Answer, RecordType } from './message.js'
import { upwards, within } from './names.js'
import { NoAnswer } from './transport.js'

/**
 * What the world's DNS says, through the resolvers of this machine. Its own, because the system's functions tell neither
 * the owner of a record nor the zone in a negative answer.
 */
export class Resolver {
  /** @param servers whom to ask; the machine's, as they are at each lookup, when left out */
  constructor(private readonly servers?: readonly Endpoint[]) {}

  /** Where the name's CNAME leads; undefined when it has none. @throws LookupFailed */
  async cname(name: string, signal: AbortSignal): Promise<string | undefined> {
    const { answers } = await this.#lookUp(name, 'CNAME', signal)
    return answers.find(record => record.type === 'CNAME' && record.name === name)?.data
  }

  /**
   * The zone that the name stands in, whether the name exists or not: the owner of the SOA that answers, or that a
   * negative answer carries (RFC 2308 §3).
   *
   * @throws LookupFailed, ZoneUnknown
   */
  async zoneOf(name: string, signal: AbortSignal): Promise<string> {
    for (const candidate of upwards(name)) {
      const zone = zoneIn(await this.#lookUp(candidate, 'SOA', signal), name)
      if (zone) return zone
    }
    throw ZoneUnknown({
      name,
      server: this.#machines()
        .map(server => server.address)
        .join(', '),
    })
  }

  /** @throws LookupFailed, NoNameservers */
  async nameservers(zone: string, signal: AbortSignal): Promise<readonly string[]> {
    const { answers } = await this.#lookUp(zone, 'NS', signal)
    const names = answers.filter(record => record.type === 'NS' && record.name === zone).map(record => record.data)
    if (!names.length) throw NoNameservers({ zone })
    return names
  }

  /** IPv4 and IPv6. @throws LookupFailed */
  async addresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const found = await Promise.all((['A', 'AAAA'] as const).map(type => this.#lookUp(host, type, signal)))
    return found
      .flatMap(({ answers }) => answers.filter(({ type }) => type === 'A' || type === 'AAAA'))
      .map(r => r.data)
  }

  async #lookUp(name: string, type: RecordType, signal: AbortSignal): Promise<Answer> {
    const failures: string[] = []
    for (const server of this.#machines()) {
      try {
        const answer = await ask(server, { name, type }, true, signal)
        if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return answer
        failures.push(`${server.address}: ${answer.rcode}`)
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        failures.push(`${server.address}: ${error.reason}`)
      }
    }
    throw LookupFailed({ name, reason: failures.join(', ') })
  }

  #machines(): readonly Endpoint[] {
    return this.servers ?? new SystemResolver().getServers().flatMap(server => parseEndpoint(server) ?? [])
  }
}

/** The zone of the name, as the SOA record of an answer tells it; the root counts for none. */
export function zoneIn(answer: Answer, name: string): string | undefined {
  const owners = [...answer.answers, ...answer.authorities].filter(record => record.type === 'SOA').map(r => r.name)
  return owners.find(owner => owner !== '' && within(name, owner))
}
