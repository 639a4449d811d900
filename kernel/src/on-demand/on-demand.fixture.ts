import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.js'
import { prepareHome } from '../config/load.js'
import { takeHandedSockets } from '../host/handed-sockets.js'
import { failed, runPanel } from '../panel-process.js'
import { OnDemandSettings } from './on-demand-settings.js'

/** What a test tells the program, as JSON in the file that its argument names. */
export interface Told {
  readonly config: Config
  readonly settings: Partial<OnDemandSettings>
}

const { config, settings } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Told
const handed = takeHandedSockets(process.env)
await prepareHome(config.home)
await runPanel({ ...config, handed }, container =>
  container.registerInstance(OnDemandSettings, Object.assign(new OnDemandSettings(), settings)),
).catch(failed)
