import 'reflect-metadata'

export { describeFieldFuzz, type FuzzOptions, type Sample } from './field-fuzz.js'
export { describeKillSteps, type KillCase, type KillOptions } from './kill-steps.js'
export { describeRouteMatrix, type MatrixOptions } from './route-matrix.js'
