import { type Job, type JobState, toasts } from '@nusantara/sdk/ui'
import { playPanel, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { bulkActions } from './jobs-bulk.js'

describe('several jobs at once', () => {
  before(() =>
    useMessages({
      shell: {
        'action.cancel': 'Cancel',
        'job.retry': 'Run again',
        'jobs.bulk.cancel': '{count} cancelled',
        'jobs.bulk.retry': '{count} run again',
        'jobs.bulk.ended': '{count} had ended',
        'jobs.bulk.not-failed': '{count} not failed',
      },
      kernel: { 'problem.job_of_administrator': 'Not yours' },
    }),
  )
  const job = (id: string, state: JobState): Job => ({ id, type: 'demo', state, createdAt: '2026-03-01T10:00:00.000Z' })
  const act = async (index: 0 | 1, jobs: readonly Job[], refused: readonly string[] = []) => {
    const panel = playPanel(({ path }) =>
      refused.some(id => path.includes(`/${id}/`))
        ? { status: 403, body: { status: 403, code: 'job_of_administrator' } }
        : { status: 202, body: { job: { id: 'x' } } },
    )
    let done = false
    await bulkActions(async () => {
      done = true
    })[index]?.run(jobs)
    panel.restore()
    expect(done).to.equal(true)
    const [told] = toasts()
    return { sent: panel.sent.map(({ path }) => path.replace('/api/v1/jobs/', '')), told }
  }

  it('cancels those that have not ended, and says how many had', async () => {
    const { sent, told } = await act(0, [
      job('a', 'running'),
      job('b', 'succeeded'),
      job('c', 'queued'),
      job('d', 'unknown'),
    ])
    expect(sent).to.deep.equal(['a/cancel', 'c/cancel', 'd/cancel'])
    expect(told).to.include({ message: '3 cancelled', detail: '1 had ended', tone: 'success' })
  })

  it('runs again those that came to nothing', async () => {
    const { sent, told } = await act(1, [job('a', 'failed'), job('b', 'cancelled')])
    expect(sent).to.deep.equal(['a/retry', 'b/retry'])
    expect(told).to.include({ message: '2 run again', tone: 'success' }).and.not.have.property('detail')
  })

  it('goes on after a refusal, and tells it once', async () => {
    const { sent, told } = await act(0, [job('a', 'running'), job('b', 'running'), job('c', 'running')], ['a', 'b'])
    expect(sent).to.have.length(3)
    expect(told).to.include({ message: '1 cancelled', detail: 'Not yours', tone: 'danger' })
  })

  it('sends nothing where nothing fits', async () => {
    const { sent, told } = await act(1, [job('a', 'running')])
    expect(sent).to.deep.equal([])
    expect(told).to.include({ message: '0 run again', detail: '1 not failed', tone: 'warning' })
  })
})
