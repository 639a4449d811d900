import { mkdirSync, writeFileSync } from 'node:fs'
import { asChild, HostAccounts, type RunTool } from '../accounts.js'
import { Host } from '../host.js'
import { Tenants } from '../tenants.js'

/** What the process is told on its command line. */
export interface Doom {
  /** Directory whose `etc` holds the users. */
  readonly prefix: string
  readonly state: string
  /** Below the tenant's own. */
  readonly uid: number
  readonly during: 'create' | 'remove'
  /** At which tool it ends itself by SIGKILL, and whether the tool has run by then. */
  readonly tool: string
  readonly moment: 'before' | 'after'
  /** `die` there, or what a process after it is asked. */
  readonly act: 'die' | 'create' | 'remove'
}

const tenant = 'sabcdefghij'

/** Makes or removes one tenant on a registry and a passwd(5) of its own. */
async function run({ prefix, state, uid, during, tool, moment, act }: Doom): Promise<void> {
  const die = (at: Doom['moment'], verb: string) => {
    if (armed && at === moment && verb === tool) process.kill(process.pid, 'SIGKILL')
  }
  let armed = false
  const tools: RunTool = async (purpose, command) => {
    die('before', purpose.verb)
    await asChild(purpose, command)
    die('after', purpose.verb)
  }
  const path = (name: string) => `${prefix}/${name}`
  const host = new Host({
    profile: 'system',
    roots: { etc: path('etc'), run: path('run'), log: path('log'), state, www: path('www') },
    socketDir: path('run'),
    ports: { http: 80, https: 443 },
    listenAddresses: ['127.0.0.1'],
    pluginDirs: [],
    panelUser: 'daemon',
    users: 'per-tenant',
    journalDir: path('journal'),
    versionsFile: path('versions.json'),
  })
  // Ids go on from the highest that was ever given: here one of this test's own, since a removal ends what runs under it.
  mkdirSync(`${state}/tenants`, { recursive: true })
  const given = { tenant: 'szzzzzzzzzz', plugin: 'sites', name: 'gone', uid, gid: uid, created: '', removed: '' }
  writeFileSync(`${state}/tenants/szzzzzzzzzz.json`, JSON.stringify(given))
  const tenants = new Tenants(host, `${state}/tenants`, new HostAccounts(tools, prefix))
  armed = act === 'die' && during === 'create'
  if (act !== 'remove') await tenants.create(tenant, 'sites')
  armed = act === 'die' && during === 'remove'
  if (act !== 'create') await tenants.remove(tenant, 'sites', false)
}

await run(JSON.parse(process.argv[2] as string) as Doom)
