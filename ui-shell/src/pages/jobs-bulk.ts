import { api, asProblem, type BulkAction, type Job, t, toast } from '@nusantara/sdk/ui'

type How = 'cancel' | 'retry'

const fit: Readonly<Record<How, ReadonlySet<Job['state']>>> = {
  cancel: new Set(['queued', 'running', 'unknown']),
  retry: new Set(['failed', 'cancelled', 'unknown']),
}

/**
 * Cancels, or runs again, each of several jobs for which that is possible, and says what became of the whole.
 * @param done once all were asked for
 */
export function bulkActions(done: () => Promise<void>): readonly BulkAction<Job>[] {
  const action = (how: How, icon: string): BulkAction<Job> => ({
    label: t(how === 'cancel' ? 'action.cancel' : 'job.retry'),
    icon,
    run: async jobs => {
      await setGoing(how, jobs)
      await done()
    },
  })
  return [action('cancel', 'stop'), action('retry', 'refresh')]
}

async function setGoing(how: How, jobs: readonly Job[]): Promise<void> {
  const chosen = jobs.filter(({ state }) => fit[how].has(state))
  // One after another: the panel queues them in this order.
  const refusals: string[] = []
  for (const { id } of chosen) {
    try {
      await api.post(`/jobs/${id}/${how}`)
    } catch (error) {
      refusals.push(asProblem(error).reason)
    }
  }
  const unfit = jobs.length - chosen.length
  const detail = [
    ...new Set(refusals),
    ...(unfit ? [t(how === 'cancel' ? 'jobs.bulk.ended' : 'jobs.bulk.not-failed', { count: unfit })] : []),
  ].join(' ')
  const count = chosen.length - refusals.length
  const tone = refusals.length ? 'danger' : count ? 'success' : 'warning'
  toast(t(`jobs.bulk.${how}`, { count }), { tone, ...(detail && { detail }) })
}
