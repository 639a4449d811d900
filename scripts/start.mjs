// `npm start`: builds what changed, then runs broker and panel in the sandbox profile until it is told to stop.
import { join } from 'node:path'
import { build } from './build.mjs'
import { root } from './lib/paths.mjs'
import { chooseIdentity, makeHome, startReady, writeBrokerConfig } from './lib/sandbox.mjs'

const say = text => process.stderr.write(`nusantara: ${text}\n`)

if (!(await build())) {
  say('the build failed; its messages are above')
  process.exit(1)
}

const identity = chooseIdentity()
if (identity.warning) say(identity.warning)
const env = { ...process.env, NUSA_ROOT: root }
// The panel runs as somebody else and still uses the directory of whoever started it.
if (process.getuid() === 0) env.NUSA_STARTED_BY_ROOT = '1'

const { loadConfig } = await import('../kernel/dist/config/load.js')
const { explain } = await import('../kernel/dist/i18n/explain.js')
const { HomeUnwritable } = await import('../kernel/dist/config/errors.js')
const { nodeFlags } = await import('../kernel/dist/host/node-flags.js')

async function refuse(error) {
  say(await explain(error, process.env))
  process.exit(1)
}

const config = await loadConfig(env, { root, profile: 'sandbox' }).catch(refuse)
let brokerConfig
try {
  makeHome(config.home, identity)
  brokerConfig = writeBrokerConfig(config.home, config.sites, identity)
} catch (error) {
  await refuse(HomeUnwritable({ home: config.home, reason: error.message }))
}
env.NUSA_HOME = config.home
env.NODE_COMPILE_CACHE = join(config.home, 'cache', 'compile')

let stopping = false
let broker
let panel

const ended = child =>
  new Promise(resolve =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', resolve),
  )

async function stop(code) {
  if (stopping) return
  stopping = true
  if (panel) {
    panel.kill('SIGTERM')
    await ended(panel)
    code ||= panel.exitCode ?? 0
  }
  if (broker) {
    // SIGINT asks the broker to end the sandbox's services too; SIGTERM would leave them for its successor.
    broker.kill('SIGINT')
    await ended(broker)
  }
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))

async function startBroker() {
  const started = await startReady('kernel/dist/broker/main.js', [brokerConfig], {
    identity,
    env,
    flags: nodeFlags.broker,
  })
  broker = started.child
  broker.once('exit', (code, signal) => {
    if (stopping) return
    say(`the broker ended (${signal ?? code}); starting it again`)
    startBroker().catch(() => stop(1))
  })
}

try {
  await startBroker()
  const started = await startReady('kernel/dist/main.js', [], { identity, env, flags: nodeFlags.panel })
  panel = started.child
  panel.once('exit', (code, signal) => {
    if (stopping) return
    say(`the panel ended (${signal ?? code})`)
    stop(code || 1)
  })
  const { port, setupUrl } = started.ready
  const host = process.env.SSH_CONNECTION?.split(' ')[2] ?? 'localhost'
  const base = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const link = setupUrl ? `${base}${new URL(setupUrl).pathname}${new URL(setupUrl).hash}` : base
  process.stdout.write(`Nusantara Panel is ready: ${link}\n`)
} catch (error) {
  if (error.exitCode === undefined) say(error.stack)
  await stop(error.exitCode || 1)
}
