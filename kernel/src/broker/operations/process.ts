import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { OperationResult } from '@nusantara/sdk'
import type { Command } from '../command.js'
import { OperationAborted, OperationUnavailable } from '../errors.js'
import { processTree, signal as sendSignal } from '../process-identity.js'
import { markName, reapMarked } from './reaper.js'

/** Takes a piece of output; a promise holds the process back until it resolves. */
export type OutputSink = (channel: 'stdout' | 'stderr', data: Uint8Array) => Promise<void> | undefined

export interface ProcessOptions {
  readonly name: string
  /** Marks the processes of one broker, see {@link reapOrphans}. */
  readonly broker: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Bytes kept of each channel. */
  readonly maxOutput: number
  readonly input?: Uint8Array
  readonly signal: AbortSignal
  readonly output?: OutputSink
}

/** How long a process may take to end on SIGTERM. */
const graceMs = 2000

/**
 * Runs one program in a process group of its own and waits for its end and for the end of its output. Whatever it
 * leaves behind is killed. `spawn` itself, not a library over it: this is the path whose cost is measured.
 *
 * @throws operation_unavailable when it cannot be started, operation_aborted
 */
export async function runProcess(
  { file, argv }: Command,
  options: ProcessOptions,
): Promise<{ readonly timedOut: boolean; readonly result: OperationResult }> {
  const mark = `${options.broker}.${randomBytes(12).toString('hex')}`
  const started = performance.now()
  const child = start(file, argv, options, mark)
  const pid = child.pid
  if (pid === undefined)
    throw OperationUnavailable(
      { operation: options.name, bin: file },
      { cause: await new Promise(resolve => child.once('error', resolve)) },
    )

  let timedOut = false
  let escalation: NodeJS.Timeout | undefined
  const end = () => {
    const tree = processTree(pid)
    killAll(pid, tree, 'SIGTERM')
    escalation = setTimeout(() => killAll(pid, [...new Set([...tree, ...processTree(pid)])], 'SIGKILL'), graceMs)
  }
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, options.timeoutMs)
  options.signal.addEventListener('abort', end, { once: true })
  if (options.signal.aborted) end()

  const stdout = new Kept(options.maxOutput)
  const stderr = new Kept(options.maxOutput)
  collect(child.stdout as Readable, 'stdout', stdout, options.output)
  collect(child.stderr as Readable, 'stderr', stderr, options.output)
  if (options.input) {
    // A program may end without reading its input.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
  }
  try {
    const exitCode = await exited(child, pid)
    if (options.signal.aborted && !timedOut) throw OperationAborted({ operation: options.name })
    return {
      timedOut,
      result: {
        exitCode,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated || stderr.truncated,
        durationMs: Math.round((performance.now() - started) * 100) / 100,
      },
    }
  } finally {
    clearTimeout(timer)
    clearTimeout(escalation)
    options.signal.removeEventListener('abort', end)
    reapMarked(mark)
  }
}

function start(file: string, argv: readonly string[], options: ProcessOptions, mark: string): ChildProcess {
  return spawn(file, argv, {
    cwd: options.cwd,
    env: { ...options.env, [markName]: mark },
    detached: true,
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
}

/** Waits for the exit, ends what remains of the group, then for the output to close. */
function exited(child: ChildProcess, pid: number): Promise<number> {
  return new Promise(resolve => {
    child.once('exit', () => {
      // Descendants in the group would hold the pipes open and live on.
      sendSignal(-pid, 'SIGKILL')
      // One that left the group may still hold them: its output is not waited for.
      const late = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, 500)
      child.once('close', () => clearTimeout(late))
    })
    child.once('close', (code, name) => resolve(code ?? (name ? 128 + (signalNumbers[name] ?? 0) : 255)))
  })
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}

function killAll(group: number, pids: readonly number[], name: NodeJS.Signals): void {
  sendSignal(-group, name)
  for (const pid of pids) sendSignal(pid, name)
}

function collect(stream: Readable, channel: 'stdout' | 'stderr', kept: Kept, output: OutputSink | undefined): void {
  stream.on('data', (chunk: Buffer) => {
    kept.add(chunk)
    const wait = output?.(channel, chunk)
    if (!wait) return
    stream.pause()
    wait.finally(() => stream.resume())
  })
}

/** The first bytes of a channel. */
class Kept {
  readonly #chunks: Buffer[] = []
  #size = 0
  truncated = false

  constructor(private readonly limit: number) {}

  add(chunk: Buffer): void {
    const room = this.limit - this.#size
    if (chunk.length > room) this.truncated = true
    if (room <= 0) return
    const part = chunk.subarray(0, room)
    this.#chunks.push(part)
    this.#size += part.length
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
