// `npm run dev`: `npm start` that builds and restarts when a source changes. Sessions survive: they are in the state.
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { inRoot, root } from './lib/paths.mjs'
import { runningFingerprint } from './lib/sources.mjs'

const pollMs = 700

let child
let stopping = false

function start() {
  child = spawn(process.execPath, ['--enable-source-maps', inRoot('scripts/start.mjs')], {
    cwd: root,
    stdio: 'inherit',
  })
}

const ended = process =>
  new Promise(resolve =>
    process.exitCode !== null || process.signalCode !== null ? resolve() : process.once('exit', resolve),
  )

async function stop(signal) {
  child.kill(signal)
  await ended(child)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (stopping) return
    stopping = true
    await stop('SIGTERM')
    process.exit(0)
  })
}

start()
let seen = runningFingerprint()
while (!stopping) {
  await delay(pollMs)
  const now = runningFingerprint()
  if (now === seen) continue
  seen = now
  process.stderr.write('nusantara: a source changed; building and starting again\n')
  await stop('SIGTERM')
  if (!stopping) start()
}
