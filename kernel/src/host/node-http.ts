/**
 * `node:http` as CommonJS has it. An import of it reads each of its exports, and for one of them, `WebSocket`, Node loads the
 * whole client behind `fetch` (measured with Node 24.21: 45 ms and 13 MB in every process that imports it).
 */
export const { Agent, request, STATUS_CODES } = process.getBuiltinModule('node:http')
