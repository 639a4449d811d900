import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fixedEnvironment } from './command.js'

/** A program that systemd runs once for the broker, in a unit of its own with rights of its own (systemd-run(1)). */
export interface TransientUnit {
  /** Without `.service`. Two of one name never run at once. */
  readonly unit: string
  readonly description: string
  /** `ProtectSystem=strict`, see systemd.exec(5); what is the same for all is added. */
  readonly properties: readonly string[]
  readonly command: readonly [string, ...string[]]
  /** Seconds. */
  readonly timeout: number
}

/** What no such program needs, whatever it does. */
const sandbox: readonly string[] = [
  'NoNewPrivileges=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
]

/**
 * Arguments of systemd-run(1). `Type=oneshot` makes it wait for the end over systemd's own socket; `--wait` and `--pipe`
 * would need a message bus, which a small server may not have.
 */
export function transientArguments(
  { unit, description, properties, command, timeout }: TransientUnit,
  output: string,
): readonly string[] {
  const all = [
    'Type=oneshot',
    `TimeoutStartSec=${timeout}`,
    `StandardOutput=truncate:${output}`,
    `StandardError=append:${output}`,
    ...sandbox,
    ...properties,
  ]
  const environment = Object.entries(fixedEnvironment).map(([name, value]) => `--setenv=${name}=${value}`)
  return [
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    `--description=${description}`,
    ...all.map(property => `--property=${property}`),
    ...environment,
    '--',
    ...command,
  ]
}

/** Starts a program and waits for its end. */
export type Start = (
  file: string,
  argv: readonly string[],
  timeoutMs: number,
) => Promise<{ readonly failed: boolean; readonly said: string }>

/** Runs programs as units of their own. They go on when the broker dies; whoever asks again waits for them first. */
export class TransientUnits {
  /** @param outputs directory for what they say while they run, of the broker's own */
  constructor(
    private readonly outputs: string,
    private readonly start: Start = startAndWait,
  ) {}

  /** @throws Error with the last of what the program said */
  async run(unit: TransientUnit): Promise<void> {
    mkdirSync(this.outputs, { recursive: true, mode: 0o700 })
    const output = `${this.outputs}/${unit.unit}`
    const limit = unit.timeout * 1000 + 30_000
    // A killed broker's unit may still run: starting what is starting waits for its end, and fails when there is none.
    await this.start('/usr/bin/systemctl', ['start', '--quiet', '--', `${unit.unit}.service`], limit)
    try {
      const { failed, said } = await this.start('/usr/bin/systemd-run', transientArguments(unit, output), limit)
      if (failed) throw new Error((read(output) || said || `${unit.command[0]} failed`).trim().slice(-2000))
    } finally {
      rmSync(output, { force: true })
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function startAndWait(file: string, argv: readonly string[], timeout: number) {
  // Loaded when first needed: a sandbox never does.
  const { execa } = await import('execa')
  const { failed, stderr, shortMessage } = await execa(file, argv, {
    reject: false,
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout,
    maxBuffer: 65_536,
    cwd: '/',
  })
  return { failed, said: stderr || shortMessage || '' }
}
