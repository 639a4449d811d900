import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobState, Privileges, Word } from '@nusantara/sdk'
import type { TestJob, TestPanel } from '@nusantara/sdk/testing'
import { JobTypes } from '../../jobs/job-types.js'
import { createTestPanel } from '../test-panel.js'
import { until } from '../until.js'
import { type Difference, difference, type HostState, hostState } from './invariants-host.js'
import { leaks, recordFaults } from './invariants-records.js'
import { endOrder, giveOrder, type Moment, type Order, standingOrder } from './kill-steps-order.js'

/** A job to kill, with what it works on. */
export interface KillCase<T = unknown> {
  readonly title: string
  /** Of the job. */
  readonly type: string
  /** Makes what the job works on. `word` is fit for a domain or a user name, and another one each time. */
  arrange(panel: TestPanel, word: string): Promise<T>
  /** Submits the job; answers its id. */
  submit(panel: TestPanel, subject: T): Promise<string>
  /** Throws unless people are served what they were before (`failed`, `cancelled`) or what they asked for (`succeeded`). */
  check(panel: TestPanel, outcome: JobState, subject: T): Promise<void>
  /** Removes what is there now. */
  clean?(panel: TestPanel, subject: T): Promise<void>
}

export interface KillOptions {
  readonly plugins: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: each case has a subject of its own type
  readonly cases: readonly KillCase<any>[]
  /** Texts that no file below the home may hold in the end, besides the passwords of the panel's people. */
  readonly secrets?: readonly string[]
}

/** A boundary and who dies there. */
interface Point {
  readonly step: string
  readonly moment: Moment
  readonly victim: 'panel' | 'broker'
}

interface StepNames {
  readonly all: readonly string[]
  readonly undoable: readonly string[]
}

const preload = new URL('./kill-steps-preload.js', import.meta.url).href

/**
 * kill -9 of the panel and of the broker at every step boundary of every job type. Whatever dies, after a restart the job comes
 * to its end, the host is exactly as before or exactly as after an undisturbed run, and the records are whole. A job type of
 * the plugins that no case covers fails.
 */
export function describeKillSteps({ plugins, cases, secrets = [] }: KillOptions): void {
  describe('kill -9 at every step', function () {
    this.timeout(240_000)
    let panel: TestPanel
    let ignored: readonly string[] = []
    let types: ReadonlyMap<string, StepNames>
    let count = 0

    before(async () => {
      types = await jobTypesOf(plugins)
      ignored = await revisionFiles(plugins)
      const env = { NODE_OPTIONS: `--import ${preload}` }
      panel = await createTestPanel({ plugins, processes: true, env, logLevel: 'debug' })
    })
    after(() => panel?.stop())

    it('has a case for every job type', () => {
      const covered = new Set(cases.map(({ type }) => type))
      assert.deepEqual(
        [...types.keys()].filter(type => !covered.has(type)).map(type => `${type} has no case`),
        [],
      )
    })

    for (const each of cases) {
      it(`leaves old or new: ${each.title}`, async () => {
        const undisturbed = await reference(each)
        const faults: string[] = []
        for (const point of pointsOf(undisturbed.steps, types.get(each.type)?.undoable ?? [])) {
          const wrong = await survive(each, point, undisturbed).catch(error => [String((error as Error).stack)])
          faults.push(...wrong.map(what => `${nameOf(point)}: ${what}`))
        }
        assert.deepEqual(faults, [])
      })
    }

    it('leaves no secret in any file', () => {
      const people = Object.values(panel.people).map(({ password }) => password)
      assert.deepEqual(leaks(panel.home, [...people, ...secrets]), [])
    })

    /** What the job changes when nobody dies, and its steps. */
    async function reference(
      each: KillCase,
    ): Promise<{ readonly made: Difference; readonly steps: readonly string[] }> {
      const word = nextWord()
      const subject = await each.arrange(panel, word)
      const before = hostState(panel.home, ignored)
      const id = await each.submit(panel, subject)
      const { state, problem } = await panel.waitForJob(id)
      assert.equal(state, 'succeeded', JSON.stringify(problem))
      await each.check(panel, state, subject)
      const { body } = await panel.as('admin').get<{ steps: readonly { name: string }[] }>(`/jobs/${id}`)
      const made = difference(before, hostState(panel.home, ignored), { word })
      await each.clean?.(panel, subject)
      return { made, steps: body.steps.map(({ name }) => name) }
    }

    async function survive(
      each: KillCase,
      point: Point,
      { made, steps }: { readonly made: Difference; readonly steps: readonly string[] },
    ): Promise<readonly string[]> {
      const word = nextWord()
      const subject = await each.arrange(panel, word)
      const before = hostState(panel.home, ignored)
      giveOrder(panel.home, orderOf(each.type, point, steps))
      const job = await submitted(each, subject)
      const dead = await struck(job, point.victim)
      if (!dead) {
        endOrder(panel.home)
        await each.clean?.(panel, subject)
        return ['nobody died: the job never came there']
      }
      await (point.victim === 'panel' ? panel.restart() : panel.broker?.restart())
      const finished = await panel.waitForJob(await job(), { timeout: 60_000 })
      const faults = [
        ...(await hostFaults(finished, before, made, word)),
        ...(await recordFaults(panel, finished.id)),
        ...(await each.check(panel, finished.state, subject).then(
          () => [],
          error => [`${finished.state}: ${String((error as Error).message)}`],
        )),
      ]
      await each.clean?.(panel, subject)
      return faults
    }

    /** The answer may die with the panel; the job is then the newest of its type. */
    async function submitted(each: KillCase, subject: unknown): Promise<() => Promise<string>> {
      const newest = async () => {
        const { body } = await panel.as('admin').get<{ items: TestJob[] }>(`/jobs?type=${each.type}&limit=1`)
        return body.items[0]?.id ?? ''
      }
      const earlier = await newest()
      const answer = each.submit(panel, subject).then(
        id => ({ id }),
        (error: Error) => ({ error }),
      )
      return async () => {
        const given = await answer
        if ('id' in given) return given.id
        const id = await newest()
        if (id === earlier) throw new Error('the job was not queued', { cause: given.error })
        return id
      }
    }

    /** Waits until the order was carried out, or the job ended without. */
    async function struck(job: () => Promise<string>, victim: Point['victim']): Promise<boolean> {
      const pid = (victim === 'panel' ? panel.pid : panel.broker?.pid) as number
      const terminal = async () => {
        const { body } = await panel.as('admin').get<TestJob>(`/jobs/${await job()}`)
        return !['queued', 'running'].includes(body.state)
      }
      await until(
        async () => !runs(pid) || (standingOrder(panel.home) !== undefined && (await terminal().catch(() => false))),
        30_000,
      )
      return !runs(pid)
    }

    async function hostFaults({ state, problem }: TestJob, before: HostState, made: Difference, word: string) {
      const outcomes: Partial<Record<JobState, readonly Difference[]>> = { succeeded: [made], unknown: [[], made] }
      const allowed = (outcomes[state] ?? [[]]).map(each => each.join('\n'))
      let found: Difference = []
      const settled = () => {
        found = difference(before, hostState(panel.home, ignored), { word })
        return allowed.includes(found.join('\n'))
      }
      try {
        // Processes come and go a moment after their service was told.
        await until(settled, 3_000)
        return state === 'unknown' ? [`the job ended unknown: ${JSON.stringify(problem)}`] : []
      } catch {
        return [
          `the job ${state} (${JSON.stringify(problem)}), but the host differs:\n${compared(found, allowed[0] ?? '')}`,
        ]
      }
    }

    function orderOf(type: string, { step, moment, victim }: Point, steps: readonly string[]): Order {
      const undo = moment.endsWith('-undo')
      return {
        type,
        step,
        moment,
        victim: victim === 'panel' ? 'panel' : (panel.broker?.pid as number),
        ...(undo && { fails: steps.at(-1) as string }),
      }
    }

    function nextWord(): string {
      return `kill${(count++).toString().padStart(4, '0')}`
    }
  })
}

/**
 * The broker does nothing between the end of one step and the beginning of the next, so it dies before each; the panel
 * stores what a step did in between.
 */
function pointsOf(steps: readonly string[], undoable: readonly string[]): readonly Point[] {
  const point = (victim: Point['victim'], moment: Moment, step = ''): Point => ({ victim, moment, step })
  const undone = steps.filter(step => undoable.includes(step))
  return [
    ...steps.flatMap(step => [point('panel', 'before-run', step), point('panel', 'after-run', step)]),
    point('panel', 'before-settle'),
    point('panel', 'after-settle'),
    ...undone.flatMap(step => [point('panel', 'before-undo', step), point('panel', 'after-undo', step)]),
    ...steps.map(step => point('broker', 'before-run', step)),
    ...undone.map(step => point('broker', 'before-undo', step)),
  ]
}

/** The steps of every job type that the plugins register. */
async function jobTypesOf(plugins: readonly string[]): Promise<ReadonlyMap<string, StepNames>> {
  const panel = await createTestPanel({ plugins })
  try {
    const types = panel.resolve(JobTypes)
    const found = types.names().flatMap(name => types.get(name) ?? [])
    return new Map(
      found
        .filter(({ owner }) => owner !== 'kernel')
        .map(({ definition: { options, steps } }) => [
          options.type,
          {
            all: steps.map(({ name }) => name),
            undoable: steps.filter(({ definition }) => definition.undo).map(({ name }) => name),
          },
        ]),
    )
  } finally {
    await panel.stop()
  }
}

/** Files that carry the number of a reload and nothing else, below the home. */
async function revisionFiles(plugins: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const plugin of plugins) {
    const manifest = await readFile(join(plugin, 'privileges.json'), 'utf8').catch(() => '{}')
    const { services = {} } = JSON.parse(manifest) as Partial<Privileges>
    for (const { revision } of Object.values(services)) {
      const words: readonly Word[] = revision ? [revision.path].flat() : []
      if (words.length > 0) files.push(words.join('').replaceAll(/\$\{([a-z]+)\}/g, '$1'))
    }
  }
  return files
}

function compared(found: Difference, wanted: string): string {
  const expected = wanted === '' ? [] : wanted.split('\n')
  return [
    ...found.filter(line => !expected.includes(line)).map(line => `  + ${line.slice(0, 400)}`),
    ...expected.filter(line => !found.includes(line)).map(line => `  - ${line.slice(0, 400)}`),
  ].join('\n')
}

function nameOf({ victim, moment, step }: Point): string {
  return `${victim} killed ${moment}${step && ` of ${step}`}`
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
