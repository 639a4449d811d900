import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A time-ordered identifier (RFC 9562 UUIDv7), so that lists sorted by id are sorted by age. */
export function newId(): string {
  return v7()
}

declare const tenantBrand: unique symbol
/** The Unix identity of one site, for life: `s` and 10 base32 characters. */
export type TenantId = string & { readonly [tenantBrand]: true }

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** A fresh random tenant id (50 bits). */
export function newTenantId(): TenantId {
  let id = 's'
  for (const byte of randomBytes(10)) id += base32[byte & 31]
  return id as TenantId
}

/** True for a string of the tenant form; says nothing about whether the tenant exists. */
export function isTenantId(value: unknown): value is TenantId {
  return typeof value === 'string' && /^s[a-z2-7]{10}$/.test(value)
}
