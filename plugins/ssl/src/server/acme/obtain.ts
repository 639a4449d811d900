import { setTimeout as pause } from 'node:timers/promises'
import type { ChallengeType } from '../../api.js'
import { ChallengeFailed, OrderTimeout } from '../errors.js'
import type { AcmeAuthorization, AcmeChallenge, AcmeClient, AcmeOrder, Identifier } from './acme-client.js'
import { AuthorityFault, problemText } from './acme-error.js'

/** Makes a challenge answerable. What it returns takes that back. */
export type Prove = (
  authorization: AcmeAuthorization,
  challenge: AcmeChallenge,
) => Promise<(() => Promise<void>) | undefined>

export interface Obtain {
  readonly client: AcmeClient
  /** For messages. */
  readonly authority: string
  readonly names: readonly string[]
  readonly challenge: ChallengeType
  readonly profile?: string | null
  /** Certificate that the new one replaces (RFC 9773 §5). */
  readonly replaces?: string | null
  /** An order of an earlier try, which goes on where it stood. */
  readonly orderUrl: string | null
  readonly signal: AbortSignal
  prove: Prove
  /** DER in base64. */
  csr(): Promise<string>
  /** Called as soon as there is an order. */
  ordered(url: string): Promise<void>
  /** Names whose proof failed. */
  failed(names: readonly string[]): Promise<void>
  log(line: string): void
  progress(fraction: number): void
}

/** How long an authority may take for all of it. */
const patienceMs = 15 * 60_000
const [firstPauseMs, longestPauseMs] = [100, 5_000]
/** Names that are proven at once. */
const abreast = 10

/**
 * A certificate for names that are proven one by one: order, proofs, request, download (RFC 8555 §7.1).
 *
 * @returns PEM, leaf first
 * @throws ssl.challenge_failed, ssl.order_timeout, AcmeError and AuthorityFault
 */
export async function obtain(job: Obtain): Promise<string> {
  const { client, log } = job
  const poll = poller(job)
  let order = await currentOrder(job)
  if (order.status === 'pending') {
    await proveAll(job, order, poll)
    job.progress(0.6)
    order = await poll(
      () => client.order(order.url),
      ({ status }) => status !== 'pending',
    )
  }
  if (order.status === 'ready') {
    log('every name is proven; asking for the certificate')
    order = await client.finalize(order, await job.csr())
    job.progress(0.8)
  }
  order = await poll(async () => (order.status === 'valid' ? order : client.order(order.url)), settled)
  if (order.status !== 'valid' || !order.certificate) {
    const { type, detail } = problemText(order.error)
    throw ChallengeFailed({ name: job.names.join(', '), type: type || order.status, detail })
  }
  return client.certificate(order.certificate)
}

const settled = ({ status }: AcmeOrder) => status === 'valid' || status === 'invalid'

async function currentOrder(job: Obtain): Promise<AcmeOrder> {
  const { client, orderUrl, names, log } = job
  if (orderUrl) {
    const earlier = await client.order(orderUrl)
    if (earlier.status !== 'invalid') {
      log(`going on with the order of an earlier try, which is ${earlier.status}`)
      return earlier
    }
  }
  const identifiers = names.map((value): Identifier => ({ type: 'dns', value }))
  const order = await client.newOrder(identifiers, { profile: job.profile ?? null, replaces: job.replaces ?? null })
  await job.ordered(order.url)
  log(`ordered a certificate for ${names.join(', ')}`)
  return order
}

type Poll = <T>(ask: () => Promise<T>, done: (answer: T) => boolean) => Promise<T>

/** Asks again ever less often until the answer will do. */
function poller({ authority, signal }: Obtain): Poll {
  const until = performance.now() + patienceMs
  return async (ask, done) => {
    for (let wait = firstPauseMs; ; wait = Math.min(wait * 1.7, longestPauseMs)) {
      const answer = await ask()
      if (done(answer)) return answer
      if (performance.now() > until) throw OrderTimeout({ authority, minutes: patienceMs / 60_000 })
      await pause(wait, undefined, { signal })
    }
  }
}

/** Ten names at a time; each one that fails is named. None is proven before all that the authority asks for was ordered. */
async function proveAll(job: Obtain, order: AcmeOrder, poll: Poll): Promise<void> {
  const cleanups: (() => Promise<void>)[] = []
  try {
    const authorizations = await authorizationsOf(job, order)
    const outcomes = await eachAbreast(authorizations, each => proveOne(job, each, poll, cleanups))
    const wrong = outcomes.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
    const unproven = wrong.filter(Unproven.is)
    if (unproven.length > 0) {
      await job.failed(unproven.map(({ domain }) => domain))
      for (const { domain, detail } of unproven) job.log(`${domain}: ${detail}`)
    }
    const other = wrong.find(each => !Unproven.is(each))
    if (other) throw other
    const [first] = unproven
    if (first)
      throw ChallengeFailed({
        name: unproven.map(({ domain }) => domain).join(', '),
        type: first.type,
        detail: first.detail,
      })
  } finally {
    const left = await Promise.allSettled(cleanups.map(cleanup => cleanup()))
    for (const each of left)
      if (each.status === 'rejected')
        job.log(`a record of the proof was left behind: ${(each.reason as Error).message}`)
  }
}

/**
 * What is to be proven, all of it read and checked: an authority must not have anybody else's name proven here, which for
 * DNS-01 would change a zone.
 *
 * @throws AuthorityFault
 */
async function authorizationsOf({ client, names }: Obtain, order: AcmeOrder): Promise<readonly AcmeAuthorization[]> {
  const urls: unknown = order.authorizations
  if (!Array.isArray(urls) || urls.length > names.length)
    throw new AuthorityFault(`it wants more proofs than the ${names.length} names that were ordered`)
  const outcomes = await eachAbreast(urls as string[], url => client.authorization(url))
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason
    const { identifier, challenges } = outcome.value
    const name = nameOf(outcome.value)
    if (identifier?.type !== 'dns' || !names.includes(name))
      throw new AuthorityFault(`it wants a proof for ${name}, which was not ordered`)
    if (!Array.isArray(challenges)) throw new AuthorityFault(`it offers no way to prove ${name}`)
    return outcome.value
  })
}

/** As it was ordered (RFC 8555 §7.1.4). */
function nameOf({ wildcard, identifier }: AcmeAuthorization): string {
  return `${wildcard === true ? '*.' : ''}${String(identifier?.value).toLowerCase()}`
}

/** Outcomes in the order of the items. */
async function eachAbreast<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const outcomes: PromiseSettledResult<R>[] = []
  const waiting = items.entries()
  const worker = async () => {
    for (const [index, item] of waiting) [outcomes[index]] = await Promise.allSettled([run(item)])
  }
  await Promise.all(Array.from({ length: abreast }, worker))
  return outcomes
}

/** What is answered under a path of the site, or put into its DNS (RFC 8555 §8.1). */
const tokens = /^[A-Za-z0-9_-]{1,256}$/

async function proveOne(
  { client, challenge: wanted, prove, log }: Obtain,
  authorization: AcmeAuthorization,
  poll: Poll,
  cleanups: (() => Promise<void>)[],
): Promise<void> {
  const { url } = authorization
  const name = nameOf(authorization)
  if (authorization.status === 'valid') return log(`${name} is proven already`)
  const challenge = authorization.challenges.find(({ type }) => type === wanted)
  if (!challenge) throw new Unproven(name, 'malformed', `the authority offers no ${wanted} for it`)
  if (typeof challenge.token !== 'string' || !tokens.test(challenge.token))
    throw new AuthorityFault(`its token for ${name} is none`)
  if (challenge.status === 'pending') {
    const cleanup = await prove(authorization, challenge)
    if (cleanup) cleanups.push(cleanup)
    await client.respond(challenge)
  }
  const after = await poll(
    () => client.authorization(url),
    ({ status }) => status !== 'pending',
  )
  if (after.status === 'valid') return log(`${name} is proven`)
  const { type, detail } = problemText(after.challenges.find(({ error }) => error)?.error)
  throw new Unproven(name, type || after.status, detail || after.status)
}

/** Why the authority does not believe that a name is ours. */
class Unproven extends Error {
  constructor(
    readonly domain: string,
    readonly type: string,
    readonly detail: string,
  ) {
    super(`${domain}: ${detail}`)
  }

  static is(error: unknown): error is Unproven {
    return error instanceof Unproven
  }
}
