import { type OutputSink, runProcess } from '../../operations/process.js'
import { packageEnvironment } from '../apt.js'
import type { PackageRunner, PackageWork, WorkOutcome } from '../runner.js'

/** The real programs as children of the test, where there is no systemd to run them. */
export class DirectRunner implements PackageRunner {
  /** Command lines, in the order in which they ran. */
  readonly ran: string[] = []

  async settle(): Promise<void> {}

  async run({ command, after }: PackageWork, output?: OutputSink): Promise<WorkOutcome> {
    let said = ''
    for (const each of [command, ...(after ? [after] : [])]) {
      this.ran.push([each.file, ...each.argv].join(' '))
      const { result, timedOut } = await runProcess(each, {
        name: 'packages',
        broker: 'test',
        cwd: '/',
        env: packageEnvironment,
        timeoutMs: 30_000,
        maxOutput: 1024 * 1024,
        signal: new AbortController().signal,
        ...(output && { output }),
      })
      said += `${result.stdout}\n${result.stderr}`
      if (timedOut || result.exitCode !== 0) return { ok: false, output: said }
    }
    return { ok: true, output: said }
  }
}
