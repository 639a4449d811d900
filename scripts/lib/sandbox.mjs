import { spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, fchmodSync, fchownSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './paths.mjs'

const nobody = { name: 'nobody', uid: 65534, gid: 65534 }

/**
 * Who the panel and everything it starts run as: whoever started it, but not root where that can be avoided.
 * @returns {{uid: number, gid: number, dropped: boolean, warning?: string}}
 */
export function chooseIdentity() {
  const own = { uid: process.getuid(), gid: process.getgid(), dropped: false }
  if (own.uid !== 0) return own
  const probe = spawnSync(
    process.execPath,
    ['-e', `require('fs').readFileSync(${JSON.stringify(inRoot('package.json'))})`],
    {
      uid: nobody.uid,
      gid: nobody.gid,
      cwd: '/',
      stdio: 'ignore',
    },
  )
  if (probe.status === 0) return { uid: nobody.uid, gid: nobody.gid, dropped: true }
  return {
    ...own,
    warning: `${nobody.name} cannot read this checkout, so panel and broker run as root. Move the checkout somewhere readable (/srv, /opt) to change that.`,
  }
}

/**
 * Runs synchronous work on files as the identity. What lies below a home is its user's to exchange, and root would follow
 * a link that was planted there to any file of the machine.
 */
function as({ dropped, uid, gid }, work) {
  if (!dropped) return work()
  const groups = process.getgroups()
  process.setgroups([gid])
  process.setegid(gid)
  process.seteuid(uid)
  try {
    return work()
  } finally {
    process.seteuid(0)
    process.setegid(0)
    process.setgroups(groups)
  }
}

/** Makes the state directory and gives it to the identity. Throws the system's own error when it cannot. */
export function makeHome(home, identity) {
  mkdirSync(home, { recursive: true, mode: 0o711 })
  if (identity.dropped && statSync(home).uid !== identity.uid) give(home, identity)
  as(identity, () => {
    for (const part of ['run', 'etc', 'log', 'www', 'broker', 'cache'])
      mkdirSync(join(home, part), { recursive: true, mode: 0o750 })
  })
}

function give(home, { uid, gid }) {
  const directory = openSync(home, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fchownSync(directory, uid, gid)
    fchmodSync(directory, 0o711)
  } finally {
    closeSync(directory)
  }
}

/** The broker's configuration for a sandbox below `home`, the identity's; answers the file's path. */
export function writeBrokerConfig(home, sites, identity) {
  const below = name => join(home, name)
  const config = {
    profile: 'sandbox',
    roots: { etc: below('etc'), run: below('run'), log: below('log'), state: below('broker'), www: below('www') },
    socketDir: below('run'),
    ports: { http: sites.httpPort, https: sites.httpsPort },
    listenAddresses: ['0.0.0.0', '::'],
    pluginDirs: [inRoot('plugins')],
    users: 'single',
    journalDir: join(home, 'broker', 'journal'),
    versionsFile: inRoot('kernel/src/broker/versions.json'),
  }
  const file = below('broker.json')
  as(identity, () => writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 }))
  return file
}

/**
 * Starts a process that prints one line of JSON when it is ready.
 * @returns {Promise<{child: import('node:child_process').ChildProcess, ready: any}>} rejects with the exit code when it leaves first
 */
export function startReady(script, args, { identity, env, flags }) {
  const child = spawn(process.execPath, [...flags, inRoot(script), ...args], {
    cwd: '/',
    // As the unit of the installed panel has it: kernel/src/host/node-flags.ts.
    env: { MALLOC_ARENA_MAX: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A terminal's Ctrl-C goes to the whole group; the supervisor decides who ends when.
    detached: true,
    ...(identity.dropped ? { uid: identity.uid, gid: identity.gid } : {}),
  })
  return new Promise((resolve, reject) => {
    let seen = ''
    child.stdout.on('data', chunk => {
      seen += chunk
      const end = seen.indexOf('\n')
      if (end < 0) return
      child.stdout.removeAllListeners('data')
      child.stdout.resume()
      resolve({ child, ready: JSON.parse(seen.slice(0, end)) })
    })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(Object.assign(new Error(`${script} ended before it was ready`), { exitCode: code ?? 1, signal })),
    )
  })
}
