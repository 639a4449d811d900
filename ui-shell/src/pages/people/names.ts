import { api, may, type Page } from '@nusantara/sdk/ui'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { type AccountEntry, everyOne, type RoleEntry, type UserEntry } from './entries.js'
import { roleName, t } from './texts.js'

/** Roles, accounts and users by name, as far as the reader may see them. For the element that shows ids of them. */
export class Names implements ReactiveController {
  roles: readonly RoleEntry[] = []
  accounts: readonly AccountEntry[] = []
  users: readonly UserEntry[] = []
  loaded = false

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly wanted: readonly ('roles' | 'accounts' | 'users')[],
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    void this.load()
  }

  /** What does not come is shown by number. */
  async load(): Promise<void> {
    const wants = (kind: 'roles' | 'accounts' | 'users') => this.wanted.includes(kind) && may(`${kind}:read`)
    const [roles, accounts, users] = await Promise.allSettled([
      wants('roles') ? api.get<Page<RoleEntry>>('/roles') : { items: [] },
      wants('accounts') ? everyOne<AccountEntry>('/accounts') : [],
      wants('users') ? everyOne<UserEntry>('/users') : [],
    ])
    if (roles.status === 'fulfilled') this.roles = roles.value.items
    if (accounts.status === 'fulfilled') this.accounts = accounts.value
    if (users.status === 'fulfilled') this.users = users.value
    this.loaded = true
    this.host.requestUpdate()
  }

  rolesOf(ids: readonly string[]): string {
    const known = (id: string) => this.roles.find(role => role.id === id) ?? { id, name: '' }
    return inWords(ids.map(id => roleName(known(id))))
  }

  accountsOf(ids: readonly string[]): string {
    return inWords(ids.map(id => this.accounts.find(account => account.id === id)?.name ?? ''))
  }

  usersOf(ids: readonly string[]): string {
    return inWords(ids.map(id => this.users.find(user => user.id === id)?.username ?? ''))
  }
}

/** Those that have a name, then how many others there are. */
function inWords(names: readonly string[]): string {
  const known = names.filter(Boolean)
  const unknown = names.length - known.length
  if (!unknown) return known.join(', ')
  return known.length
    ? t('names.and-others', { names: known.join(', '), count: unknown })
    : t('names.others', { count: unknown })
}
