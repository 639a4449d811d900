/**
 * True for a string of the tenant form, `s` and ten base32 characters. Says nothing about whether the tenant exists.
 * Stands here because the SDK's `isTenantId` comes with more modules than the broker should load.
 */
export function isTenantForm(value: unknown): value is string {
  return typeof value === 'string' && /^s[a-z2-7]{10}$/.test(value)
}
