import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@nusantara/kernel/testing'

interface Identity {
  readonly uid: number
  readonly gid: number
  readonly dropped: boolean
}

interface Started {
  readonly child: ChildProcess
  readonly ready: { readonly port: number; readonly setupUrl?: string }
}

/** What `npm start` is made of. */
interface Sandbox {
  chooseIdentity(): Identity
  makeHome(home: string, identity: Identity): void
  writeBrokerConfig(
    home: string,
    sites: { readonly httpPort: number; readonly httpsPort: number },
    identity: Identity,
  ): string
  startReady(
    script: string,
    args: readonly string[],
    options: { readonly identity: Identity; readonly env: NodeJS.ProcessEnv; readonly flags: readonly string[] },
  ): Promise<Started>
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const sandbox: Sandbox = await import(new URL('../../../scripts/lib/sandbox.mjs', import.meta.url).href)

const { nodeFlags }: { nodeFlags: Record<'broker' | 'panel', readonly string[]> } = await import(
  new URL('../../../kernel/dist/host/node-flags.js', import.meta.url).href
)

/** A panel as `npm start` runs it: two processes, as `nobody` when root starts it, with a home of its own. */
export class Panel {
  private constructor(
    readonly home: string,
    /** `https://localhost:…` */
    readonly url: string,
    /** The link that is printed for the first administrator. */
    readonly setupUrl: string,
    /** Where the sites are served. */
    readonly sitesPort: number,
    private readonly processes: { readonly broker: ChildProcess; readonly panel: ChildProcess },
  ) {}

  static async start(): Promise<Panel> {
    const home = await mkdtemp(join(tmpdir(), 'nusa-j-'))
    const [port, httpPort, httpsPort] = (await freePorts(3)) as [number, number, number]
    const identity = sandbox.chooseIdentity()
    sandbox.makeHome(home, identity)
    const brokerConfig = sandbox.writeBrokerConfig(home, { httpPort, httpsPort }, identity)
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const env = {
      PATH,
      NODE_COMPILE_CACHE,
      NUSA_ROOT: root,
      NUSA_HOME: home,
      NUSA_PORT: String(port),
      NUSA_SITES_HTTP_PORT: String(httpPort),
      NUSA_SITES_HTTPS_PORT: String(httpsPort),
      NUSA_LOG_LEVEL: 'error',
    }
    const broker = await sandbox.startReady('kernel/dist/broker/main.js', [brokerConfig], {
      identity,
      env,
      flags: nodeFlags.broker,
    })
    const panel = await sandbox.startReady('kernel/dist/main.js', [], { identity, env, flags: nodeFlags.panel })
    const { setupUrl = '' } = panel.ready
    return new Panel(home, `https://localhost:${port}`, setupUrl, httpPort, {
      broker: broker.child,
      panel: panel.child,
    })
  }

  /** While the work is done the broker neither hears nor answers: jobs that need it go on and on. */
  async whileBrokerWaits(work: () => Promise<void>): Promise<void> {
    this.processes.broker.kill('SIGSTOP')
    try {
      await work()
    } finally {
      this.processes.broker.kill('SIGCONT')
    }
  }

  async stop(): Promise<void> {
    await end(this.processes.panel, 'SIGTERM')
    // SIGINT ends the sandbox's web server, too.
    await end(this.processes.broker, 'SIGINT')
    await rm(this.home, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  await gone
}
