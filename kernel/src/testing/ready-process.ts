import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ReadyProcess<T> {
  readonly pid: number
  /** The line of JSON that it printed when it was ready. */
  readonly ready: T
  /** Sends the signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>
  stderr(): string
}

/** Starts a Node program with the given flags of Node that prints one line of JSON when it is ready. @throws Error with its standard error when it ends before */
export function startReady<T>(
  program: string,
  args: readonly string[],
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ReadyProcess<T>> {
  const child = spawn(process.execPath, [...flags, program, ...args], {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk).slice(-20_000)
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    gone.then(() => reject(new Error(`${program} ended (${child.signalCode ?? child.exitCode}): ${stderr}`)))
    createInterface({ input: child.stdout }).once('line', line => {
      resolve({
        pid: child.pid as number,
        ready: JSON.parse(line) as T,
        stderr: () => stderr,
        async end(signal) {
          if (running(child)) child.kill(signal)
          await gone
        },
      })
    })
  })
}

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
