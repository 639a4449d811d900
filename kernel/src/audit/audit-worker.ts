import { parentPort, workerData } from 'node:worker_threads'
import type { AuditTask, FromThread } from './audit-thread.js'
import { exportLog } from './export-log.js'
import { openLog } from './log-reader.js'
import { verifyChain } from './verify-chain.js'

/** The thread's end of {@link AuditThread}: one task, then it ends. An export goes on when the panel asks for more. */
const port = parentPort
if (!port) throw new Error('audit-worker runs as a thread of the panel')
const tell = (message: FromThread) => port.postMessage(message)

const more = () => new Promise<void>(resolve => port.once('message', () => resolve()))

async function work(task: AuditTask): Promise<void> {
  const log = await openLog(task.store)
  try {
    if (task.kind === 'verify') {
      tell({ kind: 'report', report: await verifyChain(log, task) })
      return
    }
    for await (const lines of exportLog(log, task.segmentDir, task.publicKey, task.filter)) {
      if (lines === '') continue
      tell({ kind: 'lines', lines })
      await more()
    }
    tell({ kind: 'end' })
  } finally {
    await log.close()
  }
}

await work(workerData as AuditTask)
