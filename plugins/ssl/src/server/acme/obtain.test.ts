import { expect } from 'chai'
import type { AcmeAuthorization, AcmeClient, AcmeOrder } from './acme-client.js'
import { AuthorityFault } from './acme-error.js'
import { obtain } from './obtain.js'

const authorization = (value: string, changes: Partial<AcmeAuthorization> & { token?: string } = {}) => {
  const { token = 'a_token-1', ...rest } = changes
  const url = `https://ca.test/authz/${value}`
  const challenges = ['http-01', 'dns-01'].map(type => ({ type, url: `${url}/${type}`, token, status: 'pending' }))
  return { url, identifier: { type: 'dns', value }, status: 'pending', challenges, ...rest } as AcmeAuthorization
}

/** The far end: it wants these proofs, and believes each that is told to be there. */
function order(names: readonly string[], wanted: readonly AcmeAuthorization[]) {
  const proven: string[] = []
  const believed = new Set<string>()
  let [atOnce, most] = [0, 0]
  const answer = (status: AcmeOrder['status']): AcmeOrder => ({
    url: 'https://ca.test/order',
    status,
    authorizations: wanted.map((_, index) => `${index}`),
    finalize: 'https://ca.test/finalize',
    certificate: 'https://ca.test/certificate',
  })
  const client = {
    newOrder: async () => answer('pending'),
    order: async () => answer('ready'),
    finalize: async () => answer('valid'),
    certificate: async () => 'PEM',
    authorization: async (url: string) => {
      const known = wanted[Number(url)] ?? wanted.find(each => each.url === url)
      return { ...known, ...(believed.has(known?.url ?? '') && { status: 'valid' }) }
    },
    respond: async ({ url }: { url: string }) => {
      most = Math.max(most, ++atOnce)
      await new Promise(resolve => setTimeout(resolve, 5))
      atOnce--
      believed.add(url.slice(0, url.lastIndexOf('/')))
    },
  } as unknown as AcmeClient
  const done = obtain({
    client,
    authority: 'ca',
    names,
    challenge: 'dns-01',
    orderUrl: null,
    signal: AbortSignal.timeout(10_000),
    prove: async ({ identifier }) => {
      proven.push(identifier.value)
      return undefined
    },
    csr: async () => '',
    ordered: async () => {},
    failed: async () => {},
    log: () => {},
    progress: () => {},
  })
  return { done, proven, most: () => most }
}

describe('what an authority wants proven', () => {
  const refused: readonly [what: string, wanted: readonly AcmeAuthorization[], reason: RegExp][] = [
    ['a name that was not ordered', [authorization('a.test'), authorization('bank.test')], /bank\.test.*not ordered/],
    ['the wildcard of a name', [authorization('a.test', { wildcard: true })], /\*\.a\.test.*not ordered/],
    ['the base of a wildcard alone', [authorization('w.test')], /w\.test.*not ordered/],
    ['an address', [authorization('a.test', { identifier: { type: 'ip', value: 'a.test' } })], /not ordered/],
    ['more than was ordered', Array.from({ length: 4 }, () => authorization('a.test')), /more proofs than the 3/],
    ['no challenges', [authorization('a.test', { challenges: null as never })], /no way/],
  ]
  for (const [what, wanted, reason] of refused)
    it(`is not ${what}, and then nothing is proven`, async () => {
      const { done, proven } = order(['a.test', 'b.test', '*.w.test'], wanted)
      const error = await done.catch((error: unknown) => error)
      expect(error).to.be.instanceOf(AuthorityFault)
      expect((error as Error).message).to.match(reason)
      expect(proven).to.deep.equal([])
    })

  for (const token of ['', 'a/../b', 'a b', 'x'.repeat(257), '$uri', 'a\n', undefined])
    it(`has no token like ${JSON.stringify(token)?.slice(0, 20)}`, async () => {
      const wanted = authorization('a.test')
      const challenges = wanted.challenges.map(each => ({ ...each, token: token as string }))
      const { done, proven } = order(['a.test'], [{ ...wanted, challenges }])
      expect(await done.catch((error: unknown) => error)).to.be.instanceOf(AuthorityFault)
      expect(proven).to.deep.equal([])
    })

  it('is proven ten at a time, wildcards by their flag, whatever the case', async () => {
    const names = Array.from({ length: 35 }, (_, index) => `n${index}.test`)
    const wanted = [
      ...names.map(name => authorization(name.toUpperCase())),
      authorization('w.test', { wildcard: true }),
    ]
    const { done, proven, most } = order([...names, '*.w.test'], wanted)
    expect(await done).to.equal('PEM')
    expect(proven).to.have.length(36)
    expect(most()).to.equal(10)
  })
})
