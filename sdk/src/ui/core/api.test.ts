import { expect } from 'chai'
import { playPanel, type Sent } from '../testing/fixture.js'
import { api, handleSession, loadSession } from './api.js'
import { ApiProblem } from './problem.js'

const session = () => ({ user: null, permissions: [], assurance: 'full', csrfToken: 'fresh' }) as const
const problem = (status: number, code: string) => ({ status, body: { status, code, message: code } })

describe('the API client', () => {
  let panel: ReturnType<typeof playPanel> | undefined
  afterEach(() => {
    panel?.restore()
    handleSession({ signInNeeded: () => {}, reauthenticate: async () => false })
  })

  it('sends the CSRF token with mutations only, and the language with everything', async () => {
    panel = playPanel(() => ({ body: {} }), session)
    await loadSession()
    await api.get('/sites')
    await api.post('/sites', { domain: 'a.test' })
    const [, read, write] = panel.sent as [Sent, Sent, Sent]
    expect(read.headers.get('X-CSRF-Token')).to.equal(null)
    expect(write.headers.get('X-CSRF-Token')).to.equal('fresh')
    expect(write.headers.get('Accept-Language')).to.match(/^(en|id)$/)
  })

  it('fetches a new CSRF token once and repeats the request', async () => {
    let refused = 0
    panel = playPanel(() => (refused++ ? { body: { done: true } } : problem(403, 'csrf_refused')), session)
    expect(await api.post('/thing')).to.deep.equal({ done: true })
  })

  it('asks for the password again and repeats the request, and gives up when the reader does', async () => {
    let proven = false
    panel = playPanel(() => (proven ? { body: {} } : problem(403, 'reauthentication_required')), session)
    handleSession({
      signInNeeded: () => {},
      reauthenticate: async () => {
        proven = true
        return true
      },
    })
    await api.post('/plugins/x/enable')
    proven = false
    handleSession({ signInNeeded: () => {}, reauthenticate: async () => false })
    const error = await api.post('/plugins/x/enable').catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(ApiProblem).and.have.property('code', 'reauthentication_required')
  })

  it('says that a sign-in is needed, and keeps the cause', async () => {
    let needed = 0
    handleSession({ signInNeeded: () => needed++, reauthenticate: async () => false })
    panel = playPanel(() => problem(401, 'unauthenticated'))
    const error = await api.get('/jobs').catch((thrown: unknown) => thrown)
    expect(error).to.have.property('status', 401)
    expect(needed).to.equal(1)
  })

  it('does not ask for a sign-in because of a refusal from before one', async () => {
    let needed = 0
    let refuse = () => {}
    handleSession({ signInNeeded: () => needed++, reauthenticate: async () => false })
    panel = playPanel(
      () =>
        new Promise(resolve => {
          refuse = () => resolve(problem(401, 'unauthenticated'))
        }),
      session,
    )
    const late = api.get('/notifications').catch((error: ApiProblem) => error.status)
    await loadSession()
    refuse()
    expect(await late).to.equal(401)
    await new Promise(resolve => setTimeout(resolve))
    expect(needed).to.equal(0)
  })

  it('asks for a plan with dry_run and applies it with its hash and an idempotency key', async () => {
    panel = playPanel(() => ({ body: { hash: 'h1', job: { id: '1', href: '' } } }))
    const plan = await api.plan('POST', '/sites', { domain: 'a.test' })
    await api.change('POST', '/sites', { domain: 'a.test' }, { planHash: plan.hash })
    expect(panel.sent[0]?.path).to.equal('/api/v1/sites?dry_run=true')
    expect(panel.sent[1]?.headers.get('Plan-Hash')).to.equal('h1')
    expect(panel.sent[1]?.headers.get('Idempotency-Key')).to.be.a('string')
  })

  it('tells an unreachable panel from one that refuses', async () => {
    panel = playPanel(() => {
      throw new TypeError('Failed to fetch')
    })
    const error = await api.get('/jobs').catch((thrown: unknown) => thrown)
    expect(error).to.have.property('code', 'panel_unreachable')
  })
})
