import { defineProblem } from '@nusantara/sdk'

/** Nobody is signed in. */
export const Unauthenticated = defineProblem('unauthenticated', 401)
/** The password was right; the second factor is still to come. */
export const TotpRequired = defineProblem('totp_required', 401)
export const Forbidden = defineProblem<{ permission: string }>('forbidden', 403)
/** The permission is of high risk and the last proof of password or TOTP is older than `minutes`. */
export const ReauthenticationRequired = defineProblem<{ minutes: number }>('reauthentication_required', 403)

/** Two owners, or one twice, declare the same permission; or one under another's name. */
export const PermissionRejected = defineProblem<{ owner: string; permission: string; reason: string }>(
  'permission_rejected',
  500,
)

/** Nobody can give what they do not hold (`field` names it), nor change somebody who holds more. */
export const GrantTooWide = defineProblem<{ permission: string; field?: string }>('grant_too_wide', 403, ({ field }) =>
  field === undefined ? undefined : { path: field },
)
/** Without this user nobody could administer the panel. */
export const LastAdministrator = defineProblem<{ username: string }>('last_administrator', 409)

export const UsernameTaken = defineProblem<{ username: string }>('username_taken', 409, 'username')
export const RoleNameTaken = defineProblem<{ name: string }>('role_name_taken', 409, 'name')
export const RoleBuiltIn = defineProblem<{ name: string }>('role_built_in', 409)
export const RoleInUse = defineProblem<{ name: string; users: number }>('role_in_use', 409)
export const RoleUnknown = defineProblem<{ role: string }>('role_unknown', 422, 'roles')
export const PermissionUnknown = defineProblem<{ permission: string }>('permission_unknown', 422, 'permissions')
export const AccountNameTaken = defineProblem<{ name: string }>('account_name_taken', 409, 'name')
export const AccountUnknown = defineProblem<{ account: string }>('account_unknown', 422, 'accounts')
export const MemberUnknown = defineProblem<{ user: string }>('member_unknown', 422, 'members')
export const AccountInUse = defineProblem<{ name: string; resources: number }>('account_in_use', 409)
/** The actor belongs to no account, so nothing can be made for them. */
export const NoAccount = defineProblem('no_account', 409)
/** The parent does not exist or belongs to another account. */
export const ParentForeign = defineProblem<{ parent: string }>('resource_parent_foreign', 409)
