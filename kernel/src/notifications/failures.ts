import type { FinishedJob, Message } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Catalogues } from '../i18n/catalogues.js'
import { JobEvents } from '../jobs/job-events.js'
import { Schedules } from '../jobs/schedules.js'
import { State } from '../state/state.js'
import { Notifications } from './notifications.js'

/** Tells who asked for a job that it failed, and administrators that a scheduled run did: they may not be looking. */
@scoped(Lifecycle.ContainerScoped)
export class Failures {
  readonly #disposers: (() => void)[] = []

  constructor(
    private readonly notifications: Notifications,
    private readonly events: JobEvents,
    private readonly schedules: Schedules,
    private readonly state: State,
    private readonly catalogues: Catalogues,
  ) {}

  start(): void {
    this.#disposers.push(
      this.events.onFinished(job => this.#job(job)),
      this.schedules.onFailed((owner, name) => this.#schedule(owner, name)),
    )
  }

  stop(): void {
    for (const dispose of this.#disposers.splice(0)) dispose()
  }

  async #job({ id, state, actor }: FinishedJob): Promise<void> {
    if (actor.kind !== 'user' || (state !== 'failed' && state !== 'unknown')) return
    const { knex } = this.state
    const user: { locale: string } | undefined = await knex('users').where({ id: actor.id }).first('locale')
    const job: { title: string } | undefined = await knex('jobs').where({ id }).first('title')
    if (!user || !job) return
    const { code, params } = JSON.parse(job.title) as Message
    await this.notifications.notify('kernel', {
      code: `notification.job_${state}`,
      params: { title: this.catalogues.format(user.locale, code, params) },
      severity: state === 'failed' ? 'warning' : 'critical',
      target: { user: actor.id },
      dedupeKey: `job:${id}`,
      link: `/jobs/${id}`,
    })
  }

  async #schedule(owner: string, name: string): Promise<void> {
    await this.notifications.notify('kernel', {
      code: 'notification.schedule_failed',
      params: { owner, name },
      severity: 'warning',
      target: 'administrators',
      dedupeKey: `schedule:${owner}/${name}`,
      link: '/schedules',
    })
  }
}
