import 'reflect-metadata'
import { type Actor, type JobDefinition, newId, type SubmitOptions } from '@nusantara/sdk'
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe'
import { CONFIG, LOGGER } from '../config/token.js'
import { Live } from '../http/live.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { describeState, type StateTest } from '../testing/state.js'
import { Extensions } from './extensions.js'
import type { JobRow, LogRow, StepRow } from './job-row.js'
import { Jobs } from './jobs.js'
import { Runner } from './runner.js'
import { RunnerSettings } from './runner-settings.js'
import { Timers } from './timers.js'

/** Everything a test of jobs touches, wired as in the panel. */
export interface Engine {
  readonly state: State
  readonly container: DependencyContainer
  readonly jobs: Jobs
  readonly runner: Runner
  readonly extensions: Extensions
  readonly live: Live
  job(id: string): Promise<JobRow>
  steps(id: string): Promise<StepRow[]>
  log(id: string): Promise<string[]>
  /** Resolves when the job is in one of the states, by default a terminal one. */
  settled(id: string, ...states: string[]): Promise<JobRow>
  lines: { level: string; message: string; fields: unknown }[]
}

export interface EngineOptions {
  readonly settings?: Partial<RunnerSettings>
  readonly clock?: Clock
  readonly timers?: Timers
}

export const cli: Actor = {
  kind: 'cli',
  id: 'cli',
  name: 'root',
  assurance: 'full',
  admin: true,
  permissions: new Set(['*']),
  accounts: [],
  locale: 'en',
}

export function createEngine(state: State, home: string, options: EngineOptions = {}): Engine {
  const container = root.createChildContainer()
  const lines: Engine['lines'] = []
  const level = (name: string) => (fields: unknown, message: string) =>
    void lines.push({ level: name, message, fields })
  container.registerInstance(State as unknown as InjectionToken<State>, state)
  container.registerInstance(CONFIG, { home } as never)
  container.registerInstance(LOGGER, {
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  } as never)
  if (options.clock) container.registerInstance(Clock, options.clock)
  if (options.timers) container.registerInstance(Timers, options.timers)
  const defaults = { retryBaseMs: 5, retryMaxMs: 20, drainMs: 500, graceMs: 300, logFlushMs: 5 }
  container.registerInstance(RunnerSettings, Object.assign(new RunnerSettings(), defaults, options.settings))
  const job = async (id: string) => (await state.knex('jobs').where({ id }).first()) as JobRow
  return {
    state,
    container,
    lines,
    jobs: container.resolve(Jobs),
    runner: container.resolve(Runner),
    extensions: container.resolve(Extensions),
    live: container.resolve(Live),
    job,
    steps: id => state.knex('job_steps').where({ job_id: id }).orderBy('position'),
    async log(id) {
      const rows: LogRow[] = await state.knex('job_log').where({ job_id: id }).orderBy('seq')
      return rows.map(row => row.line)
    },
    async settled(id, ...states) {
      const wanted = states.length ? states : ['succeeded', 'failed', 'cancelled', 'unknown']
      let row: JobRow | undefined
      await until(async () => {
        row = await job(id)
        return wanted.includes(row.state)
      })
      return row as JobRow
    },
  }
}

export interface EngineTest extends StateTest {
  /** An engine on a fresh store, stopped after the test. */
  engine(options?: EngineOptions): Promise<Engine>
  /** Another engine on the newest store, as a second process would be. */
  second(options?: EngineOptions): Promise<Engine>
}

/** Declares a suite for both stores; engines stop before their store closes. */
export function describeEngine(title: string, suite: (engines: EngineTest) => void): void {
  describeState(title, stores => {
    describe('', () => {
      const engines: Engine[] = []
      afterEach(async () => {
        await Promise.all(engines.splice(0).map(engine => engine.jobs.stop()))
      })
      const create = (state: State, options?: EngineOptions) => {
        const engine = createEngine(state, stores.config().home, options)
        engines.push(engine)
        return engine
      }
      suite(
        Object.assign(Object.create(stores) as StateTest, {
          engine: async (options?: EngineOptions) => create(await stores.open(), options),
          second: async (options?: EngineOptions) => create(await stores.reopen(), options),
        }),
      )
    })
  })
}

/** Submits and answers the job's id. */
export async function accept<I, Deps, D>(
  engine: Engine,
  definition: JobDefinition<I, Deps, D>,
  input: I,
  options: Partial<SubmitOptions> = {},
): Promise<string> {
  const submission = await engine.jobs.submit('demo', definition, input, { request: { actor: cli }, ...options })
  if (submission.kind !== 'accepted') throw new Error('a plan came instead of a job')
  return submission.job.id
}

/** Polls until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time')
    await new Promise(resolve => setTimeout(resolve, 3))
  }
}

/** The problem's code of a rejection. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  throw new Error('expected a rejection')
}

/** A user with roles in the store. */
export async function addUser(state: State, name: string, roles: readonly string[] = ['user']): Promise<Actor> {
  const id = newId()
  const at = new Date().toISOString()
  await state.knex('users').insert({
    id,
    username: name,
    username_key: name,
    password_hash: 'x',
    password_changed_at: at,
    locale: 'en',
    created_at: at,
  })
  for (const role of roles) await state.knex('user_roles').insert({ user_id: id, role_id: role })
  const admin = roles.includes('admin')
  return {
    ...cli,
    kind: 'user',
    id,
    userId: id,
    name,
    admin,
    permissions: new Set(admin ? ['*'] : []),
    reauthenticatedAt: Date.now(),
  }
}

/** A clock and its timers that move only when told. */
export class FakeTime extends Clock {
  #now: number
  #timers: { at: number; run: () => void }[] = []
  readonly timers: Timers

  constructor(start: string) {
    super()
    this.#now = Date.parse(start)
    const pending = () => this.#timers
    const clock = this
    this.timers = new (class extends Timers {
      override after(ms: number, run: () => void): () => void {
        const timer = { at: clock.now().getTime() + Math.max(ms, 0), run }
        pending().push(timer)
        return () => clock.#drop(timer)
      }
    })()
  }

  override now(): Date {
    return new Date(this.#now)
  }

  /** Delays of the timers that wait, in milliseconds, shortest first. */
  get waiting(): number[] {
    return this.#timers.map(timer => timer.at - this.#now).sort((a, b) => a - b)
  }

  /** Moves the clock and runs what is due, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#drop(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
    }
    this.#now = end
  }

  /** Sets the clock as an administrator or NTP does: no timer notices. */
  jump(to: string): void {
    const target = Date.parse(to)
    for (const timer of this.#timers) timer.at += target - this.#now
    this.#now = target
  }

  #drop(timer: { at: number; run: () => void }): void {
    this.#timers = this.#timers.filter(other => other !== timer)
  }
}
