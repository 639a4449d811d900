import type { Rfc2136Config } from './config.js'
import { followDelegation } from './delegation.js'
import { type Endpoint, parseEndpoint, showEndpoint } from './endpoint.js'
import {
  AnswerForged,
  ClocksApart,
  KeyUnknown,
  KeyWrong,
  NotInZone,
  ServerUnreachable,
  UpdateFailed,
  UpdateRefused,
  ZoneUnknown,
} from './errors.js'
import { type Answer, query, readAnswer } from './message.js'
import { plainName, upwards, within } from './names.js'
import type { ChallengeRecord, DnsProvider } from './provider.js'
import { type Resolver, zoneIn } from './resolver.js'
import { NoAnswer, overTcp } from './transport.js'
import { checkAnswer, signMessage, type Verdict } from './tsig.js'
import { type TxtUpdate, updateMessage } from './wire.js'

/**
 * A DNS server that takes dynamic updates (RFC 2136), signed with a shared key when one is given (RFC 8945). It is asked
 * over TCP alone: an answer cannot be spoofed from aside, and none is too long.
 */
export class Rfc2136Provider implements DnsProvider {
  readonly #server: Endpoint
  readonly #shown: string

  constructor(
    private readonly config: Rfc2136Config,
    private readonly resolver: Resolver,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {
    const server = parseEndpoint(config.server)
    if (!server) throw new TypeError(`'${config.server}' is no server`)
    this.#server = server
    this.#shown = showEndpoint(server)
  }

  present(record: ChallengeRecord, signal: AbortSignal): Promise<void> {
    return this.#update(record, 'add', signal)
  }

  cleanup(record: ChallengeRecord, signal: AbortSignal): Promise<void> {
    return this.#update(record, 'remove', signal)
  }

  async #update(record: ChallengeRecord, change: TxtUpdate['change'], signal: AbortSignal): Promise<void> {
    const name = await followDelegation(record.name, this.resolver, signal)
    const zone = this.config.zone ? plainName(this.config.zone) : await this.#zoneOf(name, signal)
    const about = { server: this.#shown, name, zone }
    if (!within(name, zone)) throw NotInZone(about)
    const { rcode } = await this.#exchange(updateMessage({ zone, name, value: record.value, change }), signal)
    if (rcode === 'NOERROR') return
    if (rcode === 'REFUSED') throw UpdateRefused(about)
    // NOTAUTH without an error of the signature: it is not authoritative for the zone, RFC 2136 §3.1.1.
    if (rcode === 'NOTZONE' || rcode === 'NOTAUTH') throw NotInZone(about)
    throw UpdateFailed({ server: this.#shown, name, reason: rcode })
  }

  /** The server is asked itself: it knows which zone it would change, also where the world sees another one. */
  async #zoneOf(name: string, signal: AbortSignal): Promise<string> {
    for (const candidate of upwards(name)) {
      const answer = await this.#exchange(query({ name: candidate, type: 'SOA' }, false), signal)
      // Not authoritative: another server's, or delegated from here.
      if (!answer.authoritative) break
      const zone = zoneIn(answer, name)
      if (zone) return zone
    }
    throw ZoneUnknown({ name, server: this.#shown })
  }

  async #exchange(message: Buffer, signal: AbortSignal): Promise<Answer> {
    const key = this.config.tsig
    const signed = key && signMessage(message, key, this.#seconds())
    try {
      const bytes = await overTcp(this.#server, signed?.message ?? message, signal)
      const answer = readAnswer(bytes)
      if (answer.id !== message.readUInt16BE(0)) throw AnswerForged({ server: this.#shown })
      if (key && signed) this.#judge(checkAnswer(bytes, key, signed.mac, this.#seconds()), answer, key.name)
      return answer
    } catch (error) {
      if (error instanceof NoAnswer) throw ServerUnreachable({ server: this.#shown, reason: error.reason })
      throw error
    }
  }

  #judge(verdict: Verdict, answer: Answer, key: string): void {
    const server = this.#shown
    if (verdict.is === 'genuine') return
    // An update that failed has failed, whoever says so; that it worked must be proven.
    if (verdict.is === 'unsigned' && answer.rcode !== 'NOERROR') return
    if (verdict.is === 'key_unknown') throw KeyUnknown({ server, key })
    if (verdict.is === 'key_wrong') throw KeyWrong({ server, key })
    if (verdict.is === 'clocks_apart') throw ClocksApart({ server, seconds: verdict.serverSeconds - this.#seconds() })
    throw AnswerForged({ server })
  }

  #seconds(): number {
    return Math.floor(this.now() / 1000)
  }
}
