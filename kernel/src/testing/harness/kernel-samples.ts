import type { Sample, TestPanel } from '@nusantara/sdk/testing'

export interface KernelSamples {
  /** Of what there is at `/api/v1/<area>/:id`, by area. */
  readonly ids: Readonly<Record<string, string>>
  /** By operation, what its schema cannot say. */
  readonly samples: Readonly<Record<string, Sample>>
}

const password = 'kettle drum on a rainy roof'

/** Makes one of each thing that the kernel's own routes work on, so that a value gets past the search for it. */
export async function makeKernelSamples(panel: TestPanel): Promise<KernelSamples> {
  const admin = panel.as('admin')
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await admin.post<{ readonly id: string }>(path, body)
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`)
    return answer.body.id
  }
  const newest = async (path: string): Promise<Record<string, string>> => {
    const { body } = await admin.get<{ readonly items: readonly { readonly id: string }[] }>(path)
    return body.items[0] ? { [path.slice(1)]: body.items[0].id } : {}
  }
  const roles = await made('/roles', { name: 'sample', permissions: ['jobs:read'] })
  const users = await made('/users', { username: 'sample', password, roles: [roles] })
  const accounts = await made('/accounts', { name: 'sample account' })
  const owned = { roles: [roles], accounts: [accounts] }
  return {
    ids: { roles, users, accounts, ...(await newest('/jobs')), ...(await newest('/changes')) },
    samples: {
      'users.create': { body: { username: 'fuzzed', password, ...owned } },
      'users.update': { body: { username: 'sample', locale: 'id', disabled: false, ...owned } },
      'users.setPassword': { body: { password } },
      'roles.create': { body: { name: 'fuzzed', description: 'A role', permissions: ['jobs:read'] } },
      'roles.update': { body: { name: 'sample', description: 'A role', permissions: ['jobs:read'] } },
      'accounts.create': { body: { name: 'fuzzed', members: [users] } },
      'accounts.update': { body: { name: 'sample account', members: [users] } },
      'tokens.create': { body: { name: 'fuzzed', permissions: ['jobs:read'], expiresAt: '2100-01-01T00:00:00.000Z' } },
      'setup.complete': { body: { token: 'used', username: 'fuzzed', password } },
    },
  }
}
