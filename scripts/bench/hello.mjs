// The baseline of the list figure: a bare restify server in a process of its own, over the same TLS.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../kernel/package.json', import.meta.url))
const restify = require('restify')
const [, , key, certificate] = process.argv
const server = restify.createServer({ key: readFileSync(key), certificate: readFileSync(certificate) })
server.get('/hello', (_request, response, next) => {
  response.json({ hello: 'world' })
  next()
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`))
