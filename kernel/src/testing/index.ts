export { freePorts } from './free-ports.js'

import 'reflect-metadata'

export { type CycleReport, cyclePlugin } from './cycle-plugin.js'
export { roundTripMigrations } from './plugin-migrations.js'
export { startPostgres, type TestPostgres } from './postgres.js'
export { Client } from './test-client.js'
export { createTestPanel } from './test-panel.js'
export { until } from './until.js'
