import { kernelHooks } from '@nusantara/sdk'
import type { Outbox } from '../events/outbox.js'
import type { Hooks } from '../hooks/hooks.js'
import type { PluginHost } from '../plugins/plugin-host.js'
import type { State } from '../state/state.js'
import { type Finding, finding } from './finding.js'

/** A handler may fail a few times for reasons that pass. */
const stuckAfter = 5
/** Twice the lease: a runner of this state would have taken the job over by then. */
const overdueMs = 60_000
const shown = 5

const ownHooks: ReadonlySet<string> = new Set(
  Object.values(kernelHooks).flatMap(area => Object.values<{ readonly name: string }>(area).map(hook => hook.name)),
)

/** Every tap has somebody who calls its hook. */
export function checkTaps(hooks: Hooks, plugins: PluginHost): Finding {
  const running = new Set(plugins.list().flatMap(({ id, state }) => (state === 'running' ? [id] : [])))
  const dormant = hooks.list().filter(({ hook }) => !ownHooks.has(hook) && !running.has(ownerOf(hook)))
  const owners = [...new Set(dormant.map(({ hook }) => ownerOf(hook)))].join(', ')
  const taps = [...new Set(dormant.map(({ plugin, hook }) => `${plugin} → ${hook}`))].slice(0, shown).join(', ')
  return finding('taps', dormant.length > 0 ? 'warning' : 'ok', { count: dormant.length, taps, owners })
}

/** No plugin has failed at one event again and again. */
export async function checkEvents(outbox: Outbox): Promise<Finding[]> {
  const stuck = await outbox.stuck(stuckAfter)
  if (stuck.length === 0) return [finding('events', 'ok')]
  return stuck.map(({ plugin, event, failures, since, reason }) =>
    finding('events', 'failed', { plugin, event, failures, since, reason }),
  )
}

/** No job's outcome is in doubt, and each that runs is looked after. */
export async function checkJobs(state: State, now: Date): Promise<Finding[]> {
  const doubted: { id: string }[] = await state
    .knex('jobs')
    .where({ state: 'unknown' })
    .orderBy('id', 'desc')
    .select('id')
  const before = new Date(now.getTime() - overdueMs).toISOString()
  const overdue: { id: string; runner_id: string | null }[] = await state
    .knex('jobs')
    .where({ state: 'running' })
    .where('lease_until', '<', before)
    .select('id', 'runner_id')
  return [
    finding('jobs', doubted.length > 0 ? 'warning' : 'ok', { count: doubted.length, jobs: names(doubted) }),
    finding('leases', overdue.length > 0 ? 'failed' : 'ok', { count: overdue.length, jobs: names(overdue) }),
  ]
}

function names(jobs: readonly { readonly id: string }[]): string {
  const first = jobs.slice(0, shown).map(job => job.id)
  return jobs.length > shown ? `${first.join(', ')}, …` : first.join(', ')
}

function ownerOf(hook: string): string {
  return hook.slice(0, hook.indexOf('.'))
}
