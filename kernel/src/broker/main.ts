import { resolve } from 'node:path'
import { takeHandedSockets } from '../host/handed-sockets.js'
import { notifyService } from '../host/service-notify.js'
import { keepWatchdog } from '../host/watchdog.js'
import { Broker } from './broker.js'
import { readConfig } from './config.js'
import { defaultIdleSeconds, leaveWhenIdle } from './idle.js'

/**
 * `node broker/main.js CONFIG.json`. When it is ready it prints one JSON line. SIGTERM answers what runs and leaves
 * services running; SIGINT, a sandbox ended at the terminal, stops them too. Errors before that exit with 1.
 */
async function main(file: string | undefined): Promise<void> {
  if (!file) throw new Error('usage: node broker/main.js CONFIG.json')
  process.umask(0o027)
  const handed = takeHandedSockets(process.env)
  const config = readConfig(file)
  const broker = await Broker.start(config, resolve(file))
  let stopping = false
  const stop = (services: boolean) => {
    if (stopping) return
    stopping = true
    broker.stop({ services }).then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.on('SIGTERM', () => stop(false))
  process.on('SIGINT', () => stop(true))
  const { panelSocket, adminSocket } = await broker.serve(config, handed)
  keepWatchdog()
  // Who has no sockets handed over would not be started again.
  if (handed.size) leaveWhenIdle(broker.activity, (config.idleSeconds ?? defaultIdleSeconds) * 1000, () => stop(false))
  await notifyService('READY=1')
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, socket: panelSocket, adminSocket })}\n`)
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

main(process.argv[2]).catch(fail)
