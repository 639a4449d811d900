import 'reflect-metadata'
import type { DependencyContainer } from 'tsyringe'
import type { Config } from './config/config.js'
import { notifyService } from './host/service-notify.js'
import { keepWatchdog } from './host/watchdog.js'

/** The service manager starts the panel again: something came while it was leaving. See `RestartForceExitStatus=` of its unit. */
const needed = 75

/**
 * Runs the panel as this process: starts it, says so on standard output and to the service manager, and ends it on SIGTERM,
 * SIGINT or, where its sockets start it again, when nobody needs it.
 *
 * @param prepare registers other values in the panel's container before anything is made
 */
export async function runPanel(config: Config, prepare?: (container: DependencyContainer) => void): Promise<void> {
  const { ensurePanelCertificate } = await import('./host/panel-certificate.js')
  const [{ createPanel }] = await Promise.all([import('./panel.js'), ensurePanelCertificate(config.home, config.hosts)])
  const panel = await createPanel(config)
  prepare?.(panel.container)
  const started = await panel.start()
  let leaving = false
  const leave = () => {
    if (leaving) return
    leaving = true
    const stopped = panel.stop()
    void notifyService('STOPPING=1')
    stopped.then(() => process.exit(panel.somethingLeft ? needed : 0), failed)
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  process.stdout.write(`${JSON.stringify({ ready: true, ...started })}\n`)
  keepWatchdog()
  await notifyService('READY=1')
  panel.watchIdle(leave)
}

/** Says why on standard error, in words, and ends with 1. */
export async function failed(error: unknown): Promise<never> {
  const { explain } = await import('./i18n/explain.js')
  process.stderr.write(`nusantara: ${await explain(error, process.env)}\n`)
  process.exit(1)
}
