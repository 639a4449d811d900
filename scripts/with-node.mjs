// Entry of every npm script: makes sure the locked dependencies are there, then runs the given
// script under the pinned Node. Runs on any Node >= 18 and has no dependencies of its own, because
// it runs before there are any.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.nusantara-lock')
const minimum = [22, 13]

function fail(message) {
  process.stderr.write(`nusantara: ${message}\n`)
  process.exit(1)
}

function newEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1])
}

function installLocked() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const wanted = createHash('sha256').update(lock).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('nusantara: installing the locked dependencies (once, about a minute)\n')
  const npm = process.env.npm_execpath
  // Not `npm ci`: it refuses a lockfile when a registry lacks an optional package of another platform.
  const args = ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error']
  const env = { ...process.env, npm_config_ignore_scripts: 'true' }
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, env, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (result.status !== 0)
    fail(
      'npm install failed; its message is above. Check the network and the free disk space, then run the command again.',
    )
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

function pinnedNode() {
  const bundled = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (existsSync(bundled)) return bundled
  if (newEnough(process.version)) return process.execPath
  return fail(
    `no usable Node: the pinned runtime is missing for ${process.platform}/${process.arch} and ${process.version} is older than ${minimum.join('.')}. Install Node ${minimum.join('.')} or newer.`,
  )
}

const [script, ...args] = process.argv.slice(2)
if (!script) fail('usage: node scripts/with-node.mjs SCRIPT [ARG ...]')
installLocked()
const child = spawn(pinnedNode(), ['--enable-source-maps', join(root, script), ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compile'),
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1)
})
