import { type Logger, Problem, type ScheduleDefinition, systemActor } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { redact } from '../audit/redact.js'
import { LOGGER } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { ScheduleNotFound, ScheduleRunning, ScheduleTaken, StepFailed } from './errors.js'
import { HostIdentity } from './host-identity.js'
import { Recurrence } from './recurrence.js'
import { Timers } from './timers.js'

/** A row of `schedules`. */
export interface ScheduleRow {
  host_id: string
  owner: string
  name: string
  cron: string
  timezone: string
  missed: 'run_once' | 'skip'
  settled_until: string
  last_run_at: string | null
  last_outcome: 'success' | 'failure' | null
  /** A StoredProblem as JSON. */
  last_problem: string | null
  /** A Message as JSON. */
  title: string | null
  resource_id: string | null
  permission: string | null
}

/** What a row says of its definition. */
type Described = Pick<ScheduleRow, 'cron' | 'timezone' | 'missed' | 'title' | 'resource_id' | 'permission'>

interface Entry {
  readonly owner: string
  readonly definition: ScheduleDefinition
  readonly recurrence: Recurrence
  readonly abort: AbortController
  running: Promise<void> | undefined
  /** When to look again, after a check that failed. */
  retryAt: number | undefined
}

type FailedRun = (owner: string, name: string) => Promise<void>

/** Timers count elapsed time; looking this often notices a clock that was set. */
const longestSleepMs = 60_000
/** How long `stop` waits for runs under way. */
const drainMs = 10_000
/** A run that comes later than this was missed. */
const lateMs = 60_000

/**
 * Runs plugins' schedules on this host. What has run, or was given up, is remembered in the store, so a run that fell into
 * a downtime is made up for or skipped as its schedule says, and of several processes of a host one runs it.
 */
@scoped(Lifecycle.ContainerScoped)
export class Schedules {
  readonly #entries = new Map<string, Entry>()
  readonly #failed = new Set<FailedRun>()
  #started = false
  #cancelTimer: (() => void) | undefined
  #checking: Promise<void> | undefined
  #again = false

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly host: HostIdentity,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Answers how to take the schedule away; a run under way is told to stop. @throws ScheduleInvalid, ScheduleTaken */
  add(owner: string, definition: ScheduleDefinition): () => void {
    const key = `${owner}/${definition.name}`
    if (this.#entries.has(key)) throw ScheduleTaken({ owner, name: definition.name })
    const recurrence = new Recurrence(definition)
    const entry: Entry = {
      ...{ owner, definition, recurrence },
      abort: new AbortController(),
      running: undefined,
      retryAt: undefined,
    }
    this.#entries.set(key, entry)
    this.#check()
    return () => {
      if (this.#entries.get(key) !== entry) return
      this.#entries.delete(key)
      entry.abort.abort()
      if (!this.#entries.size) this.#sleepUntil(undefined)
    }
  }

  /** Called after a run that failed was recorded. Answers how to stop it. */
  onFailed(listener: FailedRun): () => void {
    this.#failed.add(listener)
    return () => this.#failed.delete(listener)
  }

  /**
   * Runs a schedule now, beside its times.
   * @throws ScheduleNotFound when this process runs none of that name, ScheduleRunning
   */
  async runNow(owner: string, name: string): Promise<void> {
    const entry = this.#started ? this.#entries.get(`${owner}/${name}`) : undefined
    if (!entry) throw ScheduleNotFound({ owner, name })
    if (entry.running) throw ScheduleRunning({ owner, name })
    const row = await this.#row(entry)
    const now = this.clock.now()
    // A run that is due at this moment is this one.
    if (entry.running || !(await this.#settle(row, now, true))) throw ScheduleRunning({ owner, name })
    this.#run(entry, row)
  }

  /** How many there are, for tests that count. */
  get size(): number {
    return this.#entries.size
  }

  async start(): Promise<void> {
    this.#started = true
    this.#check()
    await this.#checking
  }

  /** Tells running schedules to stop and waits for them; one that does not heed it is left behind. */
  async stop(): Promise<void> {
    this.#started = false
    this.#sleepUntil(undefined)
    await this.#checking
    const running = [...this.#entries.values()].filter(entry => entry.running)
    for (const entry of running) entry.abort.abort()
    const limit = new AbortController()
    const ended = Promise.all(running.map(entry => entry.running)).finally(() => limit.abort())
    await Promise.race([ended, this.timers.sleep(drainMs, limit.signal)])
    for (const { owner, definition } of running.filter(entry => entry.running)) {
      this.logger.warn({ owner, schedule: definition.name }, 'a scheduled run did not end when it was told to')
    }
  }

  /** When the schedule runs next, as far as it is defined now. */
  next(owner: string, name: string): Date | undefined {
    return this.#entries.get(`${owner}/${name}`)?.recurrence.after(this.clock.now())
  }

  /** Whether a run is under way. */
  get running(): boolean {
    return [...this.#entries.values()].some(entry => entry.running !== undefined)
  }

  /** The earliest next run, or next look after one that failed, of a schedule that the panel is started for. */
  nextWake(): Date | undefined {
    const now = this.clock.now()
    const times = [...this.#entries.values()]
      .filter(({ definition }) => definition.wakes !== false)
      .flatMap(({ recurrence, retryAt }) => [recurrence.after(now)?.getTime() ?? [], retryAt ?? []].flat())
    return times.length ? new Date(Math.min(...times)) : undefined
  }

  #check(): void {
    if (!this.#started) return
    this.#again = true
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined
    })
  }

  async #checkAll(): Promise<void> {
    while (this.#again && this.#started) {
      this.#again = false
      let earliest: number | undefined
      for (const entry of [...this.#entries.values()]) {
        try {
          const next = await this.#checkOne(entry)
          entry.retryAt = undefined
          if (next !== undefined) earliest = Math.min(earliest ?? next, next)
        } catch (error) {
          this.logger.error(
            { err: error, owner: entry.owner, schedule: entry.definition.name },
            'a schedule was not checked',
          )
          entry.retryAt = this.clock.now().getTime() + longestSleepMs
          earliest = Math.min(earliest ?? entry.retryAt, entry.retryAt)
        }
      }
      if (!this.#again && this.#started) this.#sleepUntil(earliest)
    }
  }

  /** Starts the schedule's run if one is due; answers when the next one is. */
  async #checkOne(entry: Entry): Promise<number | undefined> {
    const now = this.clock.now()
    const row = await this.#row(entry)
    const settled = new Date(row.settled_until)
    // A clock that was set back would else silence the schedule until it has caught up.
    const due = settled > now ? undefined : entry.recurrence.after(settled)
    if (due && due <= now) {
      const last = entry.recurrence.lastUntil(due, now)
      const missed = now.getTime() - last.getTime() > lateMs
      const skip = missed && entry.definition.missed === 'skip'
      if (!skip && entry.running) return now.getTime() + 1000
      if ((await this.#settle(row, now, !skip)) && !skip) this.#run(entry, row)
    } else if (settled > now) {
      await this.#settle(row, now, false)
    }
    return entry.recurrence.after(now)?.getTime()
  }

  async #row({ owner, definition, recurrence }: Entry): Promise<ScheduleRow> {
    const key = { host_id: this.host.hostId, owner, name: definition.name }
    const described = describe(definition, recurrence)
    const { knex } = this.state
    const row: ScheduleRow | undefined = await knex('schedules').where(key).first()
    if (!row) {
      const fresh = { ...key, ...described, settled_until: this.clock.now().toISOString() }
      await knex('schedules').insert(fresh).onConflict(['host_id', 'owner', 'name']).ignore()
      return (await knex('schedules').where(key).first()) as ScheduleRow
    }
    if (Object.entries(described).every(([column, value]) => row[column as keyof Described] === value)) return row
    const sameRule = row.cron === described.cron && row.timezone === described.timezone
    // Under another rule the past holds no missed runs.
    const changed = sameRule ? described : { ...described, settled_until: this.clock.now().toISOString() }
    await knex('schedules').where(key).update(changed)
    return { ...row, ...changed }
  }

  /** Remembers that everything up to now is dealt with; false when another process was first. */
  async #settle(row: ScheduleRow, now: Date, runs: boolean): Promise<boolean> {
    const at = now.toISOString()
    const { host_id, owner, name, settled_until } = row
    const won = await this.state
      .knex('schedules')
      .where({ host_id, owner, name, settled_until })
      .update({ settled_until: at, ...(runs ? { last_run_at: at, last_outcome: null, last_problem: null } : {}) })
    return won > 0
  }

  #run(entry: Entry, { host_id, owner, name }: ScheduleRow): void {
    const run = async () => {
      let outcome: Pick<ScheduleRow, 'last_outcome' | 'last_problem'> = { last_outcome: 'success', last_problem: null }
      try {
        await entry.definition.run(systemActor(owner), entry.abort.signal)
      } catch (error) {
        this.logger.error({ err: error, owner, schedule: name }, 'a scheduled run failed')
        const { code, params } = error instanceof Problem ? error : StepFailed({ step: name, detail: clean(error) })
        outcome = { last_outcome: 'failure', last_problem: JSON.stringify({ code, params: redact(params) }) }
      }
      await this.state.knex('schedules').where({ host_id, owner, name }).update(outcome)
      if (outcome.last_outcome === 'failure') for (const listener of this.#failed) await listener(owner, name)
    }
    entry.running = run()
      .catch(error => this.logger.error({ err: error, owner, schedule: name }, 'a scheduled run was not recorded'))
      .finally(() => {
        entry.running = undefined
      })
  }

  #sleepUntil(at: number | undefined): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (at === undefined) return
    const ms = Math.min(Math.max(at - this.clock.now().getTime(), 0), longestSleepMs)
    this.#cancelTimer = this.timers.after(ms, () => this.#check())
  }
}

function describe(definition: ScheduleDefinition, { timezone }: Recurrence): Described {
  const { cron, missed, title, resourceId, permission } = definition
  return {
    ...{ cron, timezone, missed },
    title: title ? JSON.stringify(title) : null,
    resource_id: resourceId ?? null,
    permission: permission ?? null,
  }
}

function clean(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error)) as string
}
