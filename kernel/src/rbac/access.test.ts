import { type Actor, anonymous, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { problemOf, root1, TestClock } from '../auth/testing.js'
import { Access } from './access.js'

describe('Access', () => {
  const clock = new TestClock()
  const access = new Access(clock)
  access.define('demo', { 'demo:read': { user: true }, 'demo:write': { risk: 'high' } })
  const user = (more: Partial<Actor> = {}): Actor => ({
    ...root1,
    kind: 'user',
    permissions: new Set(['demo:read', 'demo:write', 'demo:gone']),
    reauthenticatedAt: clock.now().getTime(),
    ...more,
  })
  const refusal = (actor: Actor, permission: string) => problemOf(() => access.require(actor, permission))

  it('denies in the order of what is missing', async () => {
    expect(await refusal(anonymous, 'public')).to.equal('none')
    expect(await refusal(anonymous, 'authenticated')).to.equal('unauthenticated')
    expect(await refusal(anonymous, 'demo:read')).to.equal('unauthenticated')
    expect(await refusal(user({ assurance: 'totp_required' }), 'authenticated')).to.equal('totp_required')
    expect(await refusal(user({ permissions: new Set() }), 'demo:read')).to.equal('forbidden')
    expect(await refusal(user({ reauthenticatedAt: undefined }), 'demo:write')).to.equal('reauthentication_required')
    expect(await refusal(user(), 'demo:write')).to.equal('none')
  })

  it('denies what nobody declares, to everyone', async () => {
    for (const actor of [user(), root1, systemActor('demo')])
      expect(await refusal(actor, 'demo:gone')).to.equal('forbidden')
  })

  it('believes no proof older than 10 minutes or from the future', async () => {
    const at = clock.now().getTime()
    expect(await refusal(user({ reauthenticatedAt: at - 600_000 }), 'demo:write')).to.equal('none')
    expect(await refusal(user({ reauthenticatedAt: at - 600_001 }), 'demo:write')).to.equal('reauthentication_required')
    expect(await refusal(user({ reauthenticatedAt: at + 1000 }), 'demo:write')).to.equal('reauthentication_required')
  })

  it('follows plugins as they come and go, and refuses stolen names', async () => {
    expect(await problemOf(() => access.define('other', { 'demo:read': {} }))).to.equal('permission_rejected')
    expect(await problemOf(() => access.define('demo', { 'demo:read': {} }))).to.equal('permission_rejected')
    expect(await problemOf(() => access.define('other', { 'other:*': {} }))).to.equal('permission_rejected')
    const dispose = access.define('other', { 'other:see': { user: true } })
    expect(access.ofUsers.has('other:see')).to.equal(true)
    dispose()
    expect(access.ofUsers.has('other:see')).to.equal(false)
    expect(await refusal(root1, 'other:see')).to.equal('forbidden')
    access.define('other', { 'other:see': {} })
    dispose()
    expect(await refusal(root1, 'other:see'), 'taken back twice').to.equal('none')
  })
})
