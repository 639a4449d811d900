import { spawn } from 'node:child_process'

/** How a program ended. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly input?: string | Buffer
  /** The whole environment of the program. */
  readonly env?: NodeJS.ProcessEnv
  /** Seconds; the program is killed after. */
  readonly timeout?: number
}

/** Runs a program of this machine to its end. Rejects only when it cannot be started or takes too long. */
export function command(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { input = '', env, timeout = 120 } = options
  const [file, ...args] = argv as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'pipe' })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', chunk => stdout.push(chunk))
    child.stderr.on('data', chunk => stderr.push(chunk))
    const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString()
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${argv.join(' ')} did not end within ${timeout} s\n${text(stdout)}${text(stderr)}`))
    }, timeout * 1000)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: signal ? 128 : (code ?? 128), stdout: text(stdout), stderr: text(stderr) })
    })
    // A program that reads nothing may be gone before it was written.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** The same for a program that must succeed. @returns what it printed */
export async function succeed(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await command(argv, options)
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}\n${stdout}${stderr}`)
  return stdout
}
