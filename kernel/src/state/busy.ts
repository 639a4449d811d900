/** SQLite: another connection holds the lock; asking again later is right. */
export function isBusy(error: unknown): boolean {
  const code = (error as { code?: string }).code
  return code?.startsWith('SQLITE_BUSY') === true || code?.startsWith('SQLITE_LOCKED') === true
}
