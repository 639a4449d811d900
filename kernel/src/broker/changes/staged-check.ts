import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fixedEnvironment } from '../command.js'
import type { Host } from '../host.js'
import { expandArgv, expandPath } from '../params.js'
import { seconds } from '../policy/manifest.js'
import type { ResolvedService } from '../services.js'
import { serviceKey } from './records.js'
import { SparseStage } from './sparse-stage.js'
import { type Stage, StagedTree } from './staged-tree.js'

const maxOutput = 64 * 1024

/** Checks the whole configuration of one service as it would be, beside the live one. */
export class StagedCheck {
  readonly #stage: Stage

  /** @param base directory for stages, the broker's own */
  constructor(
    private readonly service: ResolvedService,
    private readonly host: Host,
    base: string,
  ) {
    const { rule, params, ref } = service
    const name = createHash('sha256').update(serviceKey(ref)).digest('hex').slice(0, 12)
    this.#stage = rule.stage
      ? new StagedTree(expandPath(host, [...rule.stage], params), `${base}/${name}`)
      : new SparseStage(`${base}/${name}`)
  }

  /** Brings the stage in line with what is live. @param own files of the service that are live now */
  sync(own: readonly string[]): void {
    if (this.service.rule.check) this.#stage.sync(own)
  }

  /** @param link the bytes are those of a symbolic link */
  put(path: string, bytes: Buffer | null, link?: true): void {
    if (this.service.rule.check && this.#stage.contains(path)) this.#stage.put(path, bytes, link)
  }

  revert(path: string): void {
    if (this.service.rule.check && this.#stage.contains(path)) this.#stage.revert(path)
  }

  /** A file that holds exactly what was put, see {@link Stage.holder}. */
  holder(path: string, bytes: Buffer): string | undefined {
    return this.service.rule.check && this.#stage.contains(path) ? this.#stage.holder(path, bytes) : undefined
  }

  /** Null when the configuration is good, else what the check said, about the live paths. */
  async run(): Promise<string | null> {
    const check = this.service.rule.check
    if (!check) return null
    const bin = expandPath(this.host, check.bin, this.service.params)
    const argv = expandArgv(this.host, check.argv, this.service.params).map(word => this.#stage.moved(word))
    const { exitCode, output } = await execute(bin, argv, seconds(check.timeout ?? '30s') * 1000)
    if (exitCode === 0) return null
    return readableOutput(this.#stage.named(output)) || `exited with code ${exitCode}`
  }
}

/** Output of a foreign program as it may stand in a message: no control codes, at most 2,000 characters. */
export function readableOutput(output: string): string {
  const plain = output
    // Terminal escape sequences first, whole (ECMA-48 §5.4), then every other control code but the line feed.
    .replaceAll(/[^\P{Cc}\n]\[[0-?]*[ -/]*[@-~]/gu, '')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .trim()
  return plain.length > 2000 ? `${plain.slice(0, 1999)}…` : plain
}

function execute(
  bin: string,
  argv: readonly string[],
  timeoutMs: number,
): Promise<{ exitCode: number; output: string }> {
  return new Promise(resolve => {
    const child = spawn(bin, argv, {
      cwd: '/',
      env: { ...fixedEnvironment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const take = (data: Buffer) => {
      if (output.length < maxOutput) output += data.toString('utf8')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const timer = setTimeout(() => {
      output += `\nthe check did not end within ${timeoutMs / 1000} s`
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    const end = (exitCode: number) => {
      clearTimeout(timer)
      resolve({ exitCode, output })
    }
    child.on('error', error => {
      output += error.message
      end(127)
    })
    child.on('close', code => end(code ?? 137))
  })
}
