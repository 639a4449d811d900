import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { asUser, fixedEnvironment } from '../command.js'
import type { Host, UserIdentity } from '../host.js'
import { mayHaveSockets } from './app-sockets.js'

/**
 * Makes what a tenant lives in. The container is the broker's, so that the names in it cannot be
 * exchanged by the tenant; with it, creating and changing owners here follows no link that a tenant planted.
 */
export function makeTenantDirectories(host: Host, tenant: string): void {
  const paths = host.tenantPaths(tenant)
  for (const parent of [host.roots.www, dirname(paths.log), dirname(paths.run), dirname(paths.app)])
    makePassable(parent)
  const owner = host.userOf('tenant', tenant)
  const web = host.userOf('web')
  const broker = host.own
  directory(host, paths.home, 0o711, broker.uid, broker.gid)
  directory(host, paths.root, 0o2750, owner.uid, web.gid)
  directory(host, paths.tmp, 0o700, owner.uid, owner.gid)
  // Passable, not readable: the tenant adds to a log that it is given and can neither list nor exchange what is there.
  directory(host, paths.log, 0o2751, broker.uid, host.userOf('panel').gid)
  // The set-group-id bit lends sockets made here to the web server.
  directory(host, paths.run, 0o2750, broker.uid, web.gid)
  directory(host, paths.app, 0o2750, mayHaveSockets(host) ? owner.uid : broker.uid, web.gid)
}

/** Makes a directory that every tenant can pass through, whatever the umask. One that exists is left as it is. */
export function makePassable(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined) chmodSync(path, 0o755)
}

function directory(host: Host, path: string, mode: number, uid: number, gid: number): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (host.isolation) chownSync(path, uid, gid)
  chmodSync(path, host.isolation ? mode : mode & 0o777)
}

/**
 * Removes the tenant's directories, or moves home and logs to the attic under this label. Safe to repeat.
 */
export async function removeTenantDirectories(
  host: Host,
  tenant: string,
  atticLabel: string | undefined,
): Promise<void> {
  const paths = host.tenantPaths(tenant)
  const owner = host.userOf('tenant', tenant)
  if (host.isolation) await run(asUser({ file: '/usr/bin/kill', argv: ['-KILL', '--', '-1'] }, owner), true)
  await emptyAsOwner(host, owner, [paths.app])
  rmIfEmpty(paths.app)
  // Nobody but the broker and the service manager makes names in it.
  rmSync(paths.run, { recursive: true, force: true })
  if (atticLabel !== undefined) {
    store(host, paths.home, `${tenant}-${atticLabel}`)
    store(host, paths.log, `${tenant}-${atticLabel}.log`)
    return
  }
  await emptyAsOwner(host, owner, [paths.root, paths.tmp])
  for (const path of [paths.root, paths.tmp, paths.home]) rmIfEmpty(path)
  // Logs lie in directories of the broker and the web server; no tenant can plant a link there.
  rmSync(paths.log, { recursive: true, force: true })
}

/** Deletes everything below the directories, as the user who owns it. find(1) never follows a link. */
async function emptyAsOwner(host: Host, owner: UserIdentity, directories: readonly string[]): Promise<void> {
  const present = directories.filter(path => lstatSync(path, { throwIfNoEntry: false })?.uid === owner.uid)
  if (!present.length) return
  const as = (file: string, argv: readonly string[]) =>
    host.isolation ? asUser({ file, argv }, owner) : { file, argv }
  // A directory that its owner made unreadable would stop find.
  await run(as('/usr/bin/chmod', ['-R', 'u+rwX', '--', ...present]), true)
  await run(as('/usr/bin/find', ['-P', ...present, '-xdev', '-mindepth', '1', '-delete']), false)
}

/** Renames into the attic; another filesystem gets an attic of its own beside the source. */
function store(host: Host, source: string, name: string): void {
  if (!existsSync(source)) return
  const attics = [`${host.roots.state}/attic`, `${dirname(source)}/.attic`]
  for (const attic of attics) {
    mkdirSync(attic, { recursive: true, mode: 0o700 })
    try {
      renameSync(source, `${attic}/${name}`)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    }
  }
}

function rmIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function run({ file, argv }: { file: string; argv: readonly string[] }, mayFail: boolean): Promise<void> {
  const { execa } = await import('execa')
  await execa(file, argv, {
    reject: !mayFail,
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout: 600_000,
    maxBuffer: 65_536,
    cwd: '/',
  })
}
