import 'reflect-metadata'
import { loadConfig, prepareHome } from './config/load.js'
import { takeHandedSockets } from './host/handed-sockets.js'
import { codeRoot } from './host/places.js'
import { failed, runPanel } from './panel-process.js'

/**
 * The panel process. Prints one line of JSON on standard output once it answers, `{"ready": true, "port", "setupUrl"?}`;
 * leaves with 0 after SIGTERM or SIGINT, with 1 when it cannot start, the reason on standard error.
 */
async function main(): Promise<void> {
  const root = process.env.NUSA_ROOT ?? codeRoot
  const profile = process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  const handed = takeHandedSockets(process.env)
  const config = { ...(await loadConfig(process.env, { root, profile })), handed }
  process.umask(0o077)
  await prepareHome(config.home)
  await runPanel(config)
}

await main().catch(failed)
