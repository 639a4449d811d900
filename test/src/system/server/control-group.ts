import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from './until.js'

/** Where the unified hierarchy is: at the usual place, or beside the older ones. */
const hierarchy = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map(line => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1]

/** One control group of this machine: all processes of a server are in it, so that none is ever left. */
export class ControlGroup {
  readonly path: string

  constructor(name: string) {
    if (!hierarchy) throw new Error('no cgroup2 file system is mounted; a server cannot be booted without')
    this.path = join(hierarchy, name)
  }

  /** Groups of this machine whose names begin so. */
  static async named(prefix: string): Promise<readonly string[]> {
    return hierarchy ? (await readdir(hierarchy)).filter(name => name.startsWith(prefix)) : []
  }

  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true })
  }

  /** Kills whatever runs in it at one moment, before it answers, and removes it once all is gone. */
  async end(): Promise<void> {
    if (!existsSync(this.path)) return
    writeFileSync(join(this.path, 'cgroup.kill'), '1')
    await until(`the end of every process in ${this.path}`, async () =>
      (await readFile(join(this.path, 'cgroup.events'), 'utf8')).includes('populated 0'),
    )
    await removeTree(this.path)
  }
}

async function removeTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await removeTree(join(path, entry.name))
  await rmdir(path)
}
