import { api, type Page } from '@nusantara/sdk/ui'

/** An entry of `GET /api/v1/users`. */
export interface UserEntry {
  readonly id: string
  readonly username: string
  readonly locale: string
  readonly disabled: boolean
  readonly totp: boolean
  /** Ids. */
  readonly roles: readonly string[]
  /** Ids. */
  readonly accounts: readonly string[]
  readonly createdAt: string
  readonly lastSignInAt: string | null
}

/** An entry of `GET /api/v1/accounts`. */
export interface AccountEntry {
  readonly id: string
  readonly name: string
  /** Ids of users. */
  readonly members: readonly string[]
  readonly createdAt: string
  /** How many things it owns. */
  readonly resources: number
}

/** An entry of `GET /api/v1/roles`. */
export interface RoleEntry {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly builtIn: boolean
  readonly permissions: readonly string[]
  /** How many users hold it. */
  readonly users: number
}

/** An entry of `GET /api/v1/roles/permissions` and `GET /api/v1/auth/permissions`. */
export interface PermissionEntry {
  readonly name: string
  readonly owner: string
  readonly risk: 'low' | 'high'
  /** Part of the built-in role `user`. */
  readonly user: boolean
}

/** All of a list, page after page. */
export async function everyOne<T>(path: string): Promise<readonly T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const page: Page<T> = await api.get<Page<T>>(path, { query: { limit: 200, cursor } })
    all.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return all
}
