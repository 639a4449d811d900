import 'reflect-metadata'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig, prepareHome } from './config/load.js'
import { takeHandedSockets } from './host/handed-sockets.js'
import { notifyService } from './host/service-notify.js'
import { keepWatchdog } from './host/watchdog.js'

/**
 * The panel process. Prints one line of JSON on standard output once it answers, `{"ready": true, "port", "setupUrl"?}`;
 * leaves with 0 after SIGTERM or SIGINT, with 1 when it cannot start, the reason on standard error.
 */
async function main(): Promise<void> {
  const root = process.env.NUSA_ROOT ?? dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const profile = process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  const handed = takeHandedSockets(process.env)
  const config = { ...(await loadConfig(process.env, { root, profile })), handed }
  process.umask(0o077)
  await prepareHome(config.home)
  const { ensurePanelCertificate } = await import('./host/panel-certificate.js')
  const [{ createPanel }] = await Promise.all([import('./panel.js'), ensurePanelCertificate(config.home, config.hosts)])
  const panel = await createPanel(config)
  const started = await panel.start()
  let leaving = false
  const leave = () => {
    if (leaving) return
    leaving = true
    void notifyService('STOPPING=1')
    panel.stop().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  process.stdout.write(`${JSON.stringify({ ready: true, ...started })}\n`)
  keepWatchdog()
  await notifyService('READY=1')
}

async function fail(error: unknown): Promise<never> {
  const { explain } = await import('./i18n/explain.js')
  process.stderr.write(`nusantara: ${await explain(error, process.env)}\n`)
  process.exit(1)
}

await main().catch(fail)
