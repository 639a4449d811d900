import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

interface Database {
  pragma(source: string): readonly { readonly quick_check: string }[]
  close(): void
}

/** A thread of its own: reads the whole file and answers what is wrong with it (sqlite.org/pragma.html#pragma_quick_check). */
const Database = createRequire(import.meta.url)('better-sqlite3') as new (file: string, options: object) => Database
const database = new Database((workerData as { file: string }).file, { readonly: true, fileMustExist: true })
const rows = database.pragma('quick_check(5)').map(row => row.quick_check)
database.close()
parentPort?.postMessage(rows.filter(row => row !== 'ok'))
