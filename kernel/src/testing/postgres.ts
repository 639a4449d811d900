import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface TestPostgres {
  /** Of a fresh, empty database. */
  createDatabase(): Promise<string>
  readonly url: string
  /** Kills the server at once, as a crash does; `start` brings it back on the same data. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

async function binaries(): Promise<string> {
  const base = '/usr/lib/postgresql'
  const versions = (await readdir(base)).sort((a, b) => Number(b) - Number(a))
  if (!versions[0]) throw new Error('PostgreSQL is not installed: apt install postgresql')
  return join(base, versions[0], 'bin')
}

/** A throw-away cluster on a unix socket, owned by `postgres` when the test is root (it refuses to run as root). */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = await binaries()
  const directory = await mkdtemp(join(tmpdir(), 'nusa-pg-'))
  const identity = process.getuid?.() === 0 ? await unprivileged() : undefined
  if (identity) await chown(directory, identity.uid, identity.gid)
  const data = join(directory, 'data')
  const options = { ...identity, cwd: directory, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } }
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'nusa', '--auth=trust', '--no-sync', '-E', 'UTF8'], options)
  let server: ChildProcess
  let databases = 0

  const start = async () => {
    const settings = ['listen_addresses=', `unix_socket_directories=${directory}`, 'fsync=off', 'max_connections=200']
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap(setting => ['-c', setting])], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise<void>((resolve, reject) => {
      let seen = ''
      server.stderr?.on('data', (chunk: Buffer) => {
        seen += chunk
        if (seen.includes('ready to accept connections')) resolve()
      })
      server.once('exit', code => reject(new Error(`postgres ended with ${code}: ${seen}`)))
    })
  }
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = new Promise(resolve => server.once('exit', resolve))
    server.kill(signal)
    await gone
  }
  const url = (name: string) => `postgres://nusa@localhost/${name}?host=${encodeURIComponent(directory)}`
  await start()
  return {
    url: url('postgres'),
    async createDatabase() {
      const name = `test_${++databases}`
      await run(join(bin, 'createdb'), ['-h', directory, '-U', 'nusa', name], options)
      return url(name)
    },
    start,
    crash: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function unprivileged(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}
