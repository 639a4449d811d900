import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Assurance } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import { generateSync } from 'otplib'
import { State } from '../state/state.js'
import { OwnSessions } from './own-sessions.js'
import { SecondFactor } from './second-factor.js'
import { AuthHarness, longPassword, problemOf } from './testing.js'

/** What must be true, said without any of the code under test. */
interface Model {
  assurance: Assurance
  totp: boolean
  disabled: boolean
}

interface Real {
  readonly auth: AuthHarness
  readonly userId: string
  cookie?: string
  readonly dead: string[]
  secret?: string
}

type Step = fc.AsyncCommand<Model, Real>

function step(name: string, run: (model: Model, real: Real) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      await run(model, real)
      const actor = await real.auth.actor(real.cookie)
      expect(actor.assurance, `after ${name}`).to.equal(model.assurance)
      expect(actor.permissions.size > 0, 'permissions only when complete').to.equal(model.assurance === 'full')
      for (const cookie of real.dead) expect((await real.auth.actor(cookie)).kind).to.equal('anonymous')
    },
  }
}

/** Takes the new cookie; the old one must never work again. */
function follow(real: Real, cookie: string | undefined): void {
  if (real.cookie && real.cookie !== cookie) real.dead.push(real.cookie)
  real.cookie = cookie
}

const factor = (real: Real) => real.auth.container.resolve(SecondFactor)
const freshCode = ({ auth, secret = '' }: Real) => {
  auth.clock.advance(60_000)
  return generateSync({ secret, epoch: Math.floor(auth.clock.now().getTime() / 1000) })
}

const steps: Step[] = [
  step('login', async (model, real) => {
    const run = real.auth.signIn.login(await real.auth.client(real.cookie), 'wati', longPassword)
    if (model.disabled) {
      expect(await problemOf(run)).to.equal('credentials_wrong')
      return
    }
    follow(real, (await run).cookie)
    model.assurance = model.totp ? 'totp_required' : 'full'
  }),
  step('login with a wrong password', async (_model, real) => {
    const run = real.auth.signIn.login(await real.auth.client(real.cookie), 'wati', 'wrong')
    expect(await problemOf(run)).to.equal('credentials_wrong')
  }),
  step('code', async (model, real) => {
    const code = freshCode({ ...real, secret: real.secret ?? 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' })
    const run = real.auth.signIn.totp(await real.auth.client(real.cookie), code)
    if (model.assurance !== 'totp_required') {
      expect(await problemOf(run)).to.equal('sign_in_step_unexpected')
      return
    }
    follow(real, (await run).cookie)
    model.assurance = 'full'
  }),
  step('wrong code', async (_model, real) => {
    const run = real.auth.signIn.totp(await real.auth.client(real.cookie), 'aaaa-bbbb-cccc-dddd')
    expect(await problemOf(run)).to.be.oneOf(['code_wrong', 'sign_in_step_unexpected'])
  }),
  step('proof by password', async (model, real) => {
    const run = real.auth.signIn.reauthenticate(await real.auth.client(real.cookie), { password: longPassword })
    if (model.assurance === 'full') follow(real, (await run).cookie)
    else expect(await problemOf(run)).to.equal('sign_in_step_unexpected')
  }),
  step('proof by nothing', async (_model, real) => {
    const run = real.auth.signIn.reauthenticate(await real.auth.client(real.cookie), { code: '000' })
    expect(await problemOf(run)).to.be.oneOf(['code_wrong', 'sign_in_step_unexpected'])
  }),
  step('turn TOTP on', async (model, real) => {
    if (model.assurance !== 'full' || model.totp) return
    const actor = await real.auth.actor(real.cookie)
    real.secret = (await factor(real).enrol(actor)).secret
    await factor(real).confirm(actor, freshCode(real))
    model.totp = true
  }),
  step('turn TOTP off', async (model, real) => {
    if (model.assurance !== 'full' || !model.totp) return
    await factor(real).disable(await real.auth.actor(real.cookie))
    model.totp = false
  }),
  step('logout', async (model, real) => {
    await real.auth.signIn.logout(await real.auth.client(real.cookie))
    follow(real, undefined)
    model.assurance = 'none'
  }),
  step('revoke the own session', async (model, real) => {
    if (model.assurance !== 'full') return
    const actor = await real.auth.actor(real.cookie)
    await real.auth.container.resolve(OwnSessions).revoke(actor, actor.sessionId ?? '')
    follow(real, undefined)
    model.assurance = 'none'
  }),
  step('an administrator disables the user', async (model, real) => {
    await real.auth.state.knex('users').where({ id: real.userId }).update({ disabled: 1 })
    model.disabled = true
    if (model.assurance !== 'none') follow(real, undefined)
    model.assurance = 'none'
    await real.auth.state.knex('sessions').delete()
  }),
  step('an administrator enables the user', async (model, real) => {
    await real.auth.state.knex('users').where({ id: real.userId }).update({ disabled: 0 })
    model.disabled = false
  }),
]

describe('sign-in state machine', () => {
  let home: string
  let state: State

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-model-'))
    state = await State.open({ home })
    await state.migrate()
  })
  after(async () => {
    await state.close()
    await rm(home, { recursive: true, force: true })
  })

  it('gives in every sequence of steps what the model allows, and never a session back that ended', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands(
          steps.map(each => fc.constant(each)),
          { maxCommands: 25 },
        ),
        async commands => {
          await state.knex('users').delete()
          const auth = new AuthHarness(state, home)
          const userId = await auth.addUser('wati')
          try {
            const setup = (): { model: Model; real: Real } => ({
              model: { assurance: 'none', totp: false, disabled: false },
              real: { auth, userId, dead: [] },
            })
            await fc.asyncModelRun(setup, commands)
          } finally {
            await auth.stop()
          }
        },
      ),
      { numRuns: 40 },
    )
  }).timeout(60_000)
})
