import { systemActor } from '@nusantara/sdk'
import { State } from '../state/state.js'
import { auditParts } from './testing.js'

/** A process that seals everything that is older than now, to be killed in the middle. Its argument is the configuration. */
const config = JSON.parse(process.argv[2] as string) as { home: string; databaseUrl?: string }
const state = await State.open(config)
await auditParts(state, config).sealing.seal(new Date(), systemActor('test'))
await state.close()
