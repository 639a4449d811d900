import { StringDecoder } from 'node:string_decoder'

/** Fetching, unpacking, configuring: what each package goes through, as the package manager says it. */
const steps = /^(?:Get:\d+ |Unpacking |Setting up )/
const longest = 500

/** Whole lines of a streamed output into a job's log, and how far the installation is. */
export class InstallationLog {
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #steps = 0

  constructor(
    private readonly job: { log(line: string): void; progress(fraction: number): void },
    /** Packages that are to be installed; 0 where there is no telling. */
    private readonly packages: number,
  ) {}

  add(data: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(data))).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  #line(line: string): void {
    // What overwrites its own line, as `Reading database ... 5%`, stands as it ended.
    const text = (line.split('\r').findLast(part => part.trim() !== '') ?? '').slice(0, longest)
    if (text) this.job.log(text)
    if (this.packages === 0 || !steps.test(text)) return
    this.#steps++
    this.job.progress(Math.min(1, this.#steps / (this.packages * 3)))
  }
}
