import type { ServiceStatus } from '@nusantara/sdk'
import { fixedEnvironment } from '../command.js'
import { ServiceFailed } from '../errors.js'
import { processTree } from '../process-identity.js'
import type { ResolvedService, ServiceManager, ServiceRef } from '../services.js'
import { makeDirectories } from './supervised.js'

type Shown = Readonly<Record<string, string>>
/** A service, and the socket that holds its place if there is one. */
type Unit = readonly [service: Shown, socket?: Shown]
const ended: Shown = { ActiveState: 'inactive' }

function parse(output: string): Shown {
  const fields: Record<string, string> = { ...ended }
  for (const row of output.split('\n')) {
    const equals = row.indexOf('=')
    if (equals > 0) fields[row.slice(0, equals)] = row.slice(equals + 1)
  }
  return fields
}

function socketOf({ unit, rule }: ResolvedService): string | undefined {
  return rule.socket ? unit.replace(/\.service$/, '.socket') : undefined
}

/** Not running, by nobody's fault, while its socket takes connections for it. */
function isResting(service: Shown, socket: Shown | undefined): boolean {
  return (
    socket?.ActiveState === 'active' &&
    (service.ActiveState === 'deactivating' || (service.ActiveState === 'inactive' && service.Result === 'success'))
  )
}

function statusOf([shown, socket]: Unit): ServiceStatus {
  const active = shown.ActiveState === 'active' || shown.ActiveState === 'reloading'
  if (!active && isResting(shown, socket)) return { active: true, detail: 'rests until somebody connects' }
  const pid = Number(shown.MainPID)
  // `Sun 2026-11-22 20:05:01 UTC`
  const since = Date.parse((shown.ActiveEnterTimestamp ?? '').replace(/^\w+ /, ''))
  return {
    active,
    ...(active && pid > 0 && { pid }),
    ...(active && !Number.isNaN(since) && { since: new Date(since).toISOString() }),
    ...(!active && { detail: [shown.ActiveState, shown.SubState, shown.Result].filter(Boolean).join(', ') }),
  }
}

/**
 * An instance is the panel's own: it comes back after a reboot as long as it is wanted. Whether another unit starts at
 * boot is for whoever installed it.
 */
function isInstance({ unit }: ResolvedService): boolean {
  return unit.includes('@')
}

/** So many units are asked for in one call: what systemctl says of them stays far below what is read of it. */
const shownAtOnce = 100

/** Services of the system profile: units of systemd, asked through systemctl(1). */
export class SystemdServices implements ServiceManager {
  /** What was asked for since the broker started, for `broker.status`. */
  readonly #known = new Map<string, ResolvedService>()

  constructor(private readonly systemctl = '/usr/bin/systemctl') {}

  async status(service: ResolvedService): Promise<ServiceStatus> {
    this.#known.set(service.unit, service)
    return statusOf(await this.#show(service))
  }

  /** Also one that rests until somebody connects: what starts now is known to start. */
  async start(service: ResolvedService): Promise<ServiceStatus> {
    makeDirectories(service.directories)
    const socket = socketOf(service)
    if (socket === undefined) return this.#verb(service, isInstance(service) ? ['enable', '--now'] : ['start'])
    const [shown, held] = await this.#show(service)
    // A service that made its socket itself cannot be given one while it runs.
    if (held?.ActiveState !== 'active' && shown.ActiveState === 'active') await this.#verb(service, ['stop'])
    await this.#call(['enable', '--now', '--quiet', '--', socket], service)
    return this.#verb(service, ['start'])
  }

  async stop(service: ResolvedService): Promise<ServiceStatus> {
    const socket = socketOf(service)
    // First, so that nobody wakes what is being stopped.
    if (socket !== undefined) await this.#call(['disable', '--now', '--quiet', '--', socket], service)
    return this.#verb(service, isInstance(service) ? ['disable', '--now'] : ['stop'])
  }

  async restart(service: ResolvedService): Promise<ServiceStatus> {
    makeDirectories(service.directories)
    return this.#verb(service, ['restart'])
  }

  async signal(service: ResolvedService, name: 'HUP' | 'USR1' | 'USR2'): Promise<ServiceStatus> {
    const { active, pid } = await this.status(service)
    if (!active) throw ServiceFailed({ service: service.unit, output: 'is not running' })
    // One that rests reads its configuration when it starts.
    if (pid === undefined) return this.#verb(service, ['start'])
    await this.#call(['kill', '--kill-who=main', `--signal=${name}`, '--', service.unit], service).catch(
      async (error: Error) => {
        const now = await this.status(service)
        if (!now.active || now.pid !== undefined) throw error
        await this.#verb(service, ['start'])
      },
    )
    return this.status(service)
  }

  async pids(service: ResolvedService): Promise<readonly number[]> {
    const { pid } = await this.status(service)
    return pid === undefined ? [] : processTree(pid)
  }

  /** systemd keeps services running and starts them at boot. */
  async adopt(): Promise<void> {}
  async revive(): Promise<void> {}

  async list(): Promise<readonly (ServiceStatus & ServiceRef)[]> {
    const known = [...this.#known.values()]
    const listed: (ServiceStatus & ServiceRef)[] = []
    for (let at = 0; at < known.length; at += shownAtOnce) {
      const portion = known.slice(at, at + shownAtOnce)
      const units = await this.#showAll(portion)
      for (const [index, { ref }] of portion.entries()) {
        const { plugin, service, tenant } = ref
        const status = statusOf(units[index] ?? [ended])
        listed.push({ plugin, service, ...(tenant !== undefined && { tenant }), ...status })
      }
    }
    return listed
  }

  /** Units of the host are not the broker's to end. */
  async stopAll(): Promise<void> {}

  close(): void {}

  async #verb(service: ResolvedService, verb: readonly string[]): Promise<ServiceStatus> {
    await this.#call([...verb, '--quiet', '--', service.unit], service)
    return this.status(service)
  }

  async #show(service: ResolvedService): Promise<Unit> {
    const [unit = [ended]] = await this.#showAll([service])
    return unit
  }

  /** One call for all of them. */
  async #showAll(services: readonly ResolvedService[]): Promise<readonly Unit[]> {
    const [first] = services
    if (!first) return []
    const names = 'ActiveState,SubState,Result,MainPID,ActiveEnterTimestamp'
    const units = services.flatMap(service => [service.unit, socketOf(service) ?? []].flat())
    const output = await this.#call(['show', `--property=${names}`, '--timestamp=utc', '--', ...units], first)
    const shown = output.split('\n\n').map(parse)
    return services.map(service => {
      const unit = shown.shift() ?? ended
      const socket = socketOf(service) === undefined ? undefined : shown.shift()
      return socket ? [unit, socket] : [unit]
    })
  }

  async #call(argv: readonly string[], { unit }: ResolvedService): Promise<string> {
    // Loaded when first needed: a sandbox never does.
    const { execa } = await import('execa')
    const result = await execa(this.systemctl, argv, {
      reject: false,
      extendEnv: false,
      env: { ...fixedEnvironment },
      stdin: 'ignore',
      timeout: 120_000,
      maxBuffer: 65_536,
      cwd: '/',
    })
    if (result.failed)
      throw ServiceFailed({ service: unit, output: (result.stderr || result.shortMessage || '').slice(0, 2000) })
    return result.stdout
  }
}
