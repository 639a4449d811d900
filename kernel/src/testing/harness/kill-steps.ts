import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Privileges, Word } from '@nusantara/sdk'
import type { KillCase, KillOptions, TestJob, TestPanel } from '@nusantara/sdk/testing'
import { type JobType, JobTypes } from '../../jobs/job-types.js'
import { createTestPanel } from '../test-panel.js'
import { until } from '../until.js'
import { type Difference, difference, type HostState, hostState, takenBack } from './invariants-host.js'
import { leaks, recordFaults } from './invariants-records.js'
import { endOrder, giveOrder, type Moment, type Order, standingOrder } from './kill-steps-order.js'

/** A boundary and who dies there. */
interface Point {
  readonly step: string
  readonly moment: Moment
  readonly victim: 'panel' | 'broker' | 'both'
}

/** An undisturbed run: what it made of the host, and its steps. */
interface Whole {
  readonly made: Difference
  readonly steps: readonly string[]
}

const sideBySide = 3
const preload = new URL('./kill-steps-preload.js', import.meta.url).href

/**
 * kill -9 of the panel, of the broker, and of both at every step boundary of every job type. Whatever dies, after a restart the job comes
 * to its end, the host is exactly as before or exactly as after an undisturbed run, and the records are whole. A job that
 * was taken back may leave new files in the root of a tenant, because the panel deletes nothing there. A job type of the
 * plugins that no case covers fails.
 */
export function describeKillSteps({ plugins, cases, secrets = [], prepare, unlike }: KillOptions): void {
  describe('kill -9 at every step', function () {
    this.timeout(240_000)
    /** Side by side, because a start takes longer than what is tested. */
    const panels: TestPanel[] = []
    const ends: (() => Promise<void>)[] = []
    let ignored: readonly string[] = []
    let types: ReadonlyMap<string, readonly string[]>
    let count = 0

    before(async () => {
      types = await jobTypesOf(plugins)
      ignored = await revisionFiles(plugins)
      const env = { NODE_OPTIONS: `--import ${preload}` }
      while (panels.length < sideBySide) {
        panels.push(await createTestPanel({ plugins, processes: true, env, logLevel: 'debug' }))
      }
      for (const panel of panels) {
        const end = await prepare?.(panel)
        if (end) ends.push(end)
      }
      // The first job of a panel makes what all others stand on.
      for (const panel of panels) if (cases[0]) await undisturbed(panel, cases[0])
    })
    after(async () => {
      for (const panel of panels) await panel.stop()
      for (const end of ends) await end()
    })

    it('has a case for every job type', () => {
      const covered = new Set(cases.map(({ type }) => type))
      assert.deepEqual(
        [...types.keys()].filter(type => !covered.has(type)).map(type => `${type} has no case`),
        [],
      )
    })

    for (const each of cases) {
      it(`leaves old or new: ${each.title}`, async () => {
        for (const panel of panels) await proveAgain(panel)
        const whole = await undisturbed(panels[0] as TestPanel, each)
        const undoable = each.boundaries === 'forward' ? [] : (types.get(each.type) ?? [])
        const points = [...pointsOf(whole.steps, undoable)]
        const faults: string[] = []
        const work = async (panel: TestPanel) => {
          for (let point = points.shift(); point; point = points.shift()) {
            const name = nameOf(point)
            const wrong = await survive(panel, each, point, whole).catch(error => [String((error as Error).stack)])
            faults.push(...wrong.map(what => `${name}: ${what}`))
          }
        }
        await Promise.all(panels.map(work))
        assert.deepEqual(faults.sort(), [])
      })
    }

    it('leaves no secret in any file', () => {
      for (const panel of panels) {
        const people = Object.values(panel.people).map(({ password }) => password)
        assert.deepEqual(leaks(panel.home, [...people, ...secrets]), [])
      }
    })

    /** What the job changes when nobody dies, and its steps. */
    async function undisturbed(panel: TestPanel, each: KillCase): Promise<Whole> {
      const word = nextWord()
      const subject = await each.arrange(panel, word)
      const before = hostState(panel.home, ignored)
      const id = await each.submit(panel, subject)
      const { state, problem } = await panel.waitForJob(id)
      assert.equal(state, 'succeeded', JSON.stringify(problem))
      await each.check(panel, state, subject)
      const { body } = await panel.as('admin').get<{ steps: readonly { name: string }[] }>(`/jobs/${id}`)
      const made = difference(before, hostState(panel.home, ignored), own(panel, word), unlike)
      await each.clean?.(panel, subject)
      return { made, steps: body.steps.map(({ name }) => name) }
    }

    async function survive(
      panel: TestPanel,
      each: KillCase,
      point: Point,
      { made, steps }: Whole,
    ): Promise<readonly string[]> {
      const word = nextWord()
      const subject = await each.arrange(panel, word)
      const before = hostState(panel.home, ignored)
      giveOrder(panel.home, orderOf(panel, each.type, point, steps))
      const job = await submitted(panel, each, subject)
      const dead = await struck(panel, job, point.victim)
      if (!dead) {
        endOrder(panel.home)
        await each.clean?.(panel, subject)
        return ['nobody died: the job never came there']
      }
      // As they come back after a power failure: in whatever order, the panel tries until the broker answers.
      const back = [
        ...(point.victim === 'broker' ? [] : [panel.restart()]),
        ...(point.victim === 'panel' ? [] : [panel.broker?.restart()]),
      ]
      await Promise.all(back)
      const finished = await panel.waitForJob(await job(), { timeout: 60_000 })
      const faults = [
        ...(await hostFaults(panel, finished, before, made, word)),
        ...(await recordFaults(panel, finished.id)),
        ...(await each.check(panel, finished.state, subject).then(
          () => [],
          error => [`${finished.state}: ${String((error as Error).message)}`],
        )),
      ]
      const unclean = await each.clean?.(panel, subject).catch(error => `cannot be cleaned up: ${error.message}`)
      return unclean ? [...faults, unclean] : faults
    }

    /** The answer may die with the panel; the job is then the newest of its type. */
    async function submitted(panel: TestPanel, each: KillCase, subject: unknown): Promise<() => Promise<string>> {
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
    async function struck(panel: TestPanel, job: () => Promise<string>, victim: Point['victim']): Promise<boolean> {
      const pid = (victim === 'broker' ? panel.broker?.pid : panel.pid) as number
      const terminal = async () => {
        const { body } = await panel.as('admin').get<TestJob>(`/jobs/${await job()}`)
        return !['queued', 'running'].includes(body.state)
      }
      let asked = Date.now()
      const ended = async () => {
        // Asking costs the panel more than the job does.
        if (standingOrder(panel.home) === undefined || Date.now() - asked < 250) return false
        asked = Date.now()
        return terminal().catch(() => false)
      }
      await until(async () => !runs(pid) || (await ended()), 30_000)
      return !runs(pid)
    }

    async function hostFaults(
      panel: TestPanel,
      { state, problem }: TestJob,
      before: HostState,
      made: Difference,
      word: string,
    ): Promise<readonly string[]> {
      const states = state === 'unknown' ? ['failed', 'succeeded'] : [state]
      let found: Difference = []
      const wanted = state === 'succeeded' ? made : []
      const whole = () => {
        const now = hostState(panel.home, ignored)
        return states.some(each => {
          const done = each === 'succeeded'
          found = difference(before, done ? now : takenBack(before, now), own(panel, word), unlike)
          return found.join('\n') === (done ? made : []).join('\n')
        })
      }
      const why = `the job ${state} (${problem?.code} ${JSON.stringify(problem?.params)})`
      try {
        // Processes come and go a moment after their service was told.
        await until(whole, 3_000)
        return state === 'unknown' ? [why] : []
      } catch {
        return [`${why}, but the host differs: ${compared(found, wanted)}`]
      }
    }

    function own({ home, port, sites }: TestPanel, word: string): Readonly<Record<string, string>> {
      return { word, home, port: String(port), http: String(sites.http), https: String(sites.https) }
    }

    function orderOf(panel: TestPanel, type: string, { step, moment, victim }: Point, steps: readonly string[]): Order {
      const undo = moment.endsWith('-undo')
      return {
        type,
        step,
        moment,
        victims: [
          ...(victim === 'panel' ? [] : [panel.broker?.pid as number]),
          ...(victim === 'broker' ? [] : (['panel'] as const)),
        ],
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
 * stores what a step did in between. Both die, as with the power, where each knows something that the other does not.
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
    ...undone.map(step => point('both', 'after-run', step)),
  ]
}

/** What asks for a high risk wants a password that was entered within ten minutes; all cases together take longer. */
async function proveAgain(panel: TestPanel): Promise<void> {
  const { password } = panel.people.admin
  const { status } = await panel.as('admin').post('/auth/reauthenticate', { password })
  assert.equal(status, 200)
}

/** Every job type that the plugins register, with its steps that can be undone. */
async function jobTypesOf(plugins: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const panel = await createTestPanel({ plugins })
  try {
    const types = panel.resolve(JobTypes)
    const found = types.names().flatMap(name => types.get(name) ?? [])
    const undoable = ({ definition }: JobType) =>
      definition.steps.filter(step => step.definition.undo).map(({ name }) => name)
    return new Map(
      found.filter(({ owner }) => owner !== 'kernel').map(type => [type.definition.options.type, undoable(type)]),
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

function compared(found: Difference, wanted: Difference): string {
  return [
    ...found.filter(line => !wanted.includes(line)).map(line => `+ ${line}`),
    ...wanted.filter(line => !found.includes(line)).map(line => `- ${line}`),
  ].join('; ')
}

function nameOf({ victim, moment, step }: Point): string {
  return `${victim === 'both' ? 'panel and broker' : victim} killed ${moment}${step && ` of ${step}`}`
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
