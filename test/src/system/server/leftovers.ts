// What runs of which the process is gone, or the run that ends, left on this machine.
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlGroup } from './control-group.js'
import { Network } from './network.js'
import { cache } from './places.js'

const alive = (pid: string) => existsSync(`/proc/${pid}`)
const ownerOf = (name: string) => name.split('-')[1] as string

/** Ends the servers of processes that no longer run, and removes their files. */
export async function removeLeftovers(): Promise<void> {
  for (const name of await ControlGroup.named('nusa-')) if (!alive(ownerOf(name))) await new ControlGroup(name).end()
  for (const name of await Network.named('nusa-')) if (!alive(ownerOf(name))) await new Network(name).remove()
  const runs = join(cache, 'runs')
  if (!existsSync(runs)) return
  for (const name of await readdir(runs)) {
    const owner = name.split('-')[0] as string
    if (!alive(owner)) await rm(join(runs, name), { recursive: true, force: true })
  }
}
