import 'reflect-metadata'
export { describeRouteMatrix, type MatrixOptions } from './route-matrix.js'
