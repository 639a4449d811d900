import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { programFile } from '../host/places.js'
import type { State } from '../state/state.js'
import { type Finding, finding, reasonOf } from './finding.js'

const skewWarnMs = 5_000
const scanMs = 20_000

/** The store answers a query. */
export async function checkState(state: State): Promise<Finding> {
  try {
    await state.knex.raw('select 1')
    return finding('state', 'ok', { store: state.dialect })
  } catch (error) {
    return finding('state', 'failed', { reason: reasonOf(error) })
  }
}

/** What the store holds is whole, as far as the store can tell, and can be written. */
export async function checkIntegrity(state: State, home: string): Promise<Finding> {
  return state.dialect === 'postgres' ? integrity('postgres', await postgresFaults(state)) : checkFile(home)
}

/** The same of the embedded store, by its file alone. */
export async function checkFile(home: string): Promise<Finding> {
  return integrity('sqlite', await sqliteFaults(home))
}

function integrity(store: string, faults: readonly string[] | undefined): Finding {
  if (faults === undefined) return finding('integrity', 'warning', { seconds: scanMs / 1000 })
  return finding('integrity', faults.length > 0 ? 'failed' : 'ok', { store, faults: faults.join('; ') })
}

/**
 * The clock agrees with the store's own, and nothing that is recorded lies in the future. Sign-in codes, sessions, leases and
 * schedules all rest on it.
 */
export async function checkClock(state: State, clock: () => Date): Promise<Finding> {
  const newest: { at: string } | undefined = await state.knex('audit_entries').orderBy('seq', 'desc').first('at')
  const ahead = newest ? Date.parse(newest.at) - clock().getTime() : 0
  if (ahead > skewWarnMs) return finding('clock', 'failed', { seconds: Math.round(ahead / 1000) })
  if (state.dialect !== 'postgres') return finding('clock', 'ok', { seconds: 0 })
  const asked = clock().getTime()
  const { rows } = (await state.knex.raw('select extract(epoch from clock_timestamp()) * 1000 as now')) as {
    rows: { now: string }[]
  }
  const answered = clock().getTime()
  // Somewhere between the two the other clock was read.
  const skew = Math.abs(Number(rows[0]?.now) - (asked + answered) / 2) - (answered - asked) / 2
  return finding('clock', skew > skewWarnMs ? 'warning' : 'ok', { seconds: Math.round(Math.max(skew, 0) / 1000) })
}

/** A replica cannot be written; pages whose checksum was wrong are counted (pg_stat_database, when checksums are on). */
async function postgresFaults(state: State): Promise<readonly string[]> {
  const { rows } = (await state.knex.raw(
    `select pg_is_in_recovery() as replica, current_setting('default_transaction_read_only') as readonly,
            (select checksum_failures from pg_stat_database where datname = current_database()) as failures`,
  )) as { rows: { replica: boolean; readonly: string; failures: string | null }[] }
  const [row] = rows
  return [
    ...(row?.replica ? ['it is a replica, which cannot be written'] : []),
    ...(row?.readonly === 'on' ? ['it is set to read only'] : []),
    ...(Number(row?.failures ?? 0) > 0 ? [`${row?.failures} pages had a wrong checksum`] : []),
  ]
}

/** Undefined when the file is too large to be read in time. In a thread, because the scan would hold up every request. */
async function sqliteFaults(home: string): Promise<readonly string[] | undefined> {
  const worker = new Worker(programFile('health/sqlite-scan.js'), {
    workerData: { file: join(home, 'panel.sqlite') },
    execArgv: [],
    env: {},
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<readonly string[] | undefined>((resolve, reject) => {
      timer = setTimeout(resolve, scanMs, undefined)
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  } catch (error) {
    return [reasonOf(error)]
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
