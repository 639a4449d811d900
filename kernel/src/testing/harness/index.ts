import 'reflect-metadata'

export type { FuzzOptions, KillCase, KillOptions, MatrixOptions, Sample } from '@nusantara/sdk/testing'
export { type Fixture, writePlugin } from '../../plugins/plugin-fixtures.js'
export { describeFieldFuzz } from './field-fuzz.js'
export { describeKillSteps } from './kill-steps.js'
export { describeRouteMatrix } from './route-matrix.js'
export { type WatchedAnswers, watchAnswers } from './watched-answers.js'
export { watchBroker } from './watched-broker.js'
