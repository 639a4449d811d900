import { copyFile, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

/**
 * A consistent copy of an embedded store, also while others write it: one read transaction (sqlite.org/lang_vacuum.html).
 * On disk when it answers.
 */
export async function copyStore(from: string, to: string): Promise<void> {
  const fresh = `${to}.new`
  await rm(fresh, { force: true })
  const database = new Database(from, { fileMustExist: true, timeout: 10_000 })
  try {
    database.prepare('vacuum into ?').run(fresh)
  } finally {
    database.close()
  }
  await sync(fresh)
  await rename(fresh, to)
  await sync(dirname(to))
}

/** Puts a copy in the place of a store that nobody has open. Repeating it after a kill in its middle is right. */
export async function replaceStore(store: string, copy: string): Promise<void> {
  // The log belongs to what is replaced; read into the copy it would damage it.
  for (const log of [`${store}-wal`, `${store}-shm`]) await rm(log, { force: true })
  await rename(copy, store)
  await sync(dirname(store))
}

/** A copy of a small file that nobody writes meanwhile; on disk when it answers. */
export async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`)
  await sync(`${to}.new`)
  await rename(`${to}.new`, to)
  await sync(dirname(to))
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
