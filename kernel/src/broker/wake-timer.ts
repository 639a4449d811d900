import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { ParamInvalid, TimerUnavailable } from './errors.js'
import type { Journal } from './journal.js'
import type { Rpc } from './rpc/rpc.js'
import { object, string } from './schema.js'
import { readStateFile, removeStateFile, writeStateFile } from './state-file.js'

/** Whoever starts the panel when a time has come, also when the machine was off then. */
export interface WakeTimer {
  /** From now on exactly this moment counts; null: none. Durable when the promise resolves. */
  set(at: Date | null): Promise<void>
}

/** Runs a program and waits for its end. @throws Error with what it said */
type Run = (file: string, argv: readonly string[]) => Promise<void>

const unit = 'nusantara-wake.timer'
/** A schedule that comes once in years is asked for again by then. */
const furthestMs = 400 * 86_400_000

/**
 * The time as a drop-in of the timer that the package brings (systemd.timer(5)). It is persistent: systemd notes when it
 * elapsed last, and makes up for it at boot.
 */
export class SystemdWakeTimer implements WakeTimer {
  readonly #file: string

  /**
   * @param directory of the unit's drop-ins
   * @param applied file that says which of them systemd has read
   */
  constructor(
    private readonly directory: string,
    private readonly applied: string,
    private readonly run: Run,
  ) {
    this.#file = `${directory}/time.conf`
  }

  async set(at: Date | null): Promise<void> {
    const wanted = at && dropIn(at)
    const present = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : null
    const known = readStateFile(this.applied) as { readonly dropIn: string | null } | undefined
    if (known && known.dropIn === wanted && present === wanted) return
    removeStateFile(this.applied)
    if (wanted === null) removeStateFile(this.#file)
    else {
      mkdirSync(this.directory, { recursive: true, mode: 0o755 })
      writeStateFile(this.#file, wanted, 0o644)
    }
    await this.run('/usr/bin/systemctl', ['daemon-reload'])
    await this.run('/usr/bin/systemctl', ['restart', '--', unit])
    writeStateFile(this.applied, { dropIn: wanted })
  }
}

/** Where no service manager starts the panel. */
export const noWakeTimer: WakeTimer = {
  set: async () => {
    throw TimerUnavailable()
  },
}

/** Whole seconds, as calendar events have them (systemd.time(7)). */
export function dropIn(at: Date): string {
  return `[Timer]\nOnCalendar=${at.toISOString().slice(0, 19).replace('T', ' ')} UTC\n`
}

const moment = string({
  max: 24,
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/,
  says: 'must be a time such as 2026-01-31T03:00:00Z',
})

/** `timer.set`: a time and nothing else, so that whoever asks can only start the panel, and that only at a time. */
export function registerWakeTimer(rpc: Rpc, journal: Journal, timer: WakeTimer): void {
  let last: Promise<unknown> = Promise.resolve()
  rpc.register(
    'timer.set',
    async ({ at }) => {
      const when = at === null ? null : checked(at)
      const setting = last.then(() =>
        journal.around('timer.set', undefined, { at: when?.toISOString() ?? null }, () => timer.set(when)),
      )
      last = setting.catch(() => {})
      await setting
      return { at: when?.toISOString() ?? null }
    },
    object({ at: (value, path) => (value === null ? null : moment(value, path)) }),
  )
}

function checked(text: string): Date {
  const at = new Date(text)
  const ahead = at.getTime() - Date.now()
  if (!(ahead > 0)) throw ParamInvalid({ param: 'at', reason: 'must lie ahead' })
  if (ahead > furthestMs) throw ParamInvalid({ param: 'at', reason: 'must lie within 400 days' })
  return at
}
