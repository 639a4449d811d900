import 'reflect-metadata'

export { describeFieldFuzz, type FuzzOptions, type Sample } from './field-fuzz.js'
export { describeRouteMatrix, type MatrixOptions } from './route-matrix.js'
