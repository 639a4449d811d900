import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readConfig } from './config.js'
import { PendingDeadlines } from './deadlines/pending.js'
import { watcherRecord } from './deadlines/watcher.js'
import { StateTaken } from './lock.js'
import { identify, isAlive, type ProcessIdentity } from './process-identity.js'
import { readStateFile, removeStateFile, writeStateFile } from './state-file.js'

/** How often the directory of deadlines is looked at: whoever confirms or takes back removes the file. */
const lookMs = 500
/** Pause after a reversal that failed. */
const retryMs = 10_000

/**
 * `node broker/recover.js CONFIG.json [--wait]`: takes back the changes that nobody confirmed in time, when no broker
 * does it. A live broker is left to do its work, and watched until it has done it or is dead. Without `--wait` it ends
 * when no deadline is over; with it, when none is left. Only what it is about to need is loaded.
 *
 * `node broker/recover.js CONFIG.json --boot`, before any service starts: restores the batch of changes that a crash left open,
 * takes back what is over time, and sets the timers of what is not. It ends with 1 when that fails.
 */
async function main(file: string | undefined, option: string | undefined): Promise<void> {
  if (!file || (option !== undefined && !['--wait', '--boot'].includes(option)))
    throw new Error('usage: node broker/recover.js CONFIG.json [--wait | --boot]')
  process.umask(0o027)
  const configFile = resolve(file)
  const config = readConfig(configFile)
  const pending = new PendingDeadlines(`${config.roots.state}/deadlines`)
  if (option === '--boot') return putRight()
  for (;;) {
    const due = pending.due(new Date())
    if (due.length) await delay((await takeOver()) ? 0 : lookMs)
    else if (option === undefined || isOver(pending)) return
    else await delay(lookMs)
  }

  /** What a broker does first at its start. @throws StateTaken when one is there */
  async function putRight(): Promise<void> {
    const { Broker } = await import('./broker.js')
    const broker = await Broker.start(config, configFile, 'recovery')
    await broker.settle().finally(() => broker.stop({ services: false }))
  }

  /** False when a broker is there. */
  async function takeOver(): Promise<boolean> {
    try {
      await putRight()
    } catch (error) {
      if (error instanceof StateTaken) return false
      process.stderr.write(`${new Date().toISOString()} ${(error as Error).message}\n`)
    }
    if (pending.due(new Date()).length) await delay(retryMs)
    return true
  }
}

/**
 * Whether no deadline is left. A broker that sets one writes it first and looks for a watcher then; this one takes
 * itself off the record first and looks for deadlines then, so that one of both sees the other.
 */
function isOver(pending: PendingDeadlines): boolean {
  if (pending.all().length) return false
  const record = watcherRecord(pending)
  removeStateFile(record)
  if (!pending.all().length) return true
  // It stays, so it is on the record again, unless the broker has started another one meanwhile.
  const other = readStateFile(record) as ProcessIdentity | undefined
  if (other && other.pid !== process.pid && isAlive(other)) return true
  const own = identify(process.pid)
  if (own) writeStateFile(record, own)
  return false
}

main(process.argv[2], process.argv[3]).catch(error => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
