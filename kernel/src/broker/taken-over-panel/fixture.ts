import { readlinkSync } from 'node:fs'
import { newTenantId } from '@nusantara/sdk'
import { expect } from 'chai'
import { allProcesses } from '../process-identity.js'
import type { Methods, PolicyInfo } from '../protocol.js'
import {
  type BrokerHome,
  brokerHome,
  type RunningBroker,
  startBroker,
  unprivileged,
} from '../testing/broker-process.js'
import { type Answer, RawClient } from '../testing/raw-client.js'

const manifest = {
  params: {
    word: { type: 'pattern', pattern: '[^]*', maxLength: 1000 },
    version: { enum: ['1', '2'] },
    file: { type: 'path' },
  },
  operations: {
    say: { bin: '/usr/bin/printf', argv: ['%s', { param: 'word' }], runAs: 'root', risk: 'low', concurrency: 16 },
    list: {
      bin: '/usr/bin/ls',
      argv: ['--', { each: 'file' }],
      runAs: 'tenant',
      cwd: 'tenant:root',
      risk: 'low',
      exitCodes: [0, 1, 2],
      concurrency: 16,
    },
    pass: { bin: '/usr/bin/cat', argv: [], runAs: 'root', risk: 'low', stdin: { maxBytes: 100 }, concurrency: 16 },
  },
  files: {
    conf: {
      path: ['${etc}/demo/', { param: 'tenant' }, '-', { param: 'version' }, '.conf'],
      format: 'block',
      grammar: 'grammars/conf.json',
      owner: 'root',
      mode: '0644',
      maxBytes: 2000,
    },
  },
  services: {
    rest: {
      unit: 'rest.service',
      verbs: ['status', 'start'],
      check: { bin: '/usr/bin/true', argv: [] },
      sandbox: { bin: '/usr/bin/sleep', argv: ['92'] },
    },
  },
  changes: { conf: { files: ['conf'], service: 'rest', probe: { kind: 'active', for: '1s' } } },
  packages: { tool: { names: [['nusa-no-such-tool', { param: 'version' }]] } },
}
const grammar = {
  top: 'main',
  contexts: {
    main: {
      name: { args: [{ type: 'enum', values: ['good', 'better'] }] },
      text: { args: [{ type: 'text', maxLength: 40 }], repeat: true },
    },
  },
}
/** A plugin with keys, and with the files that they may stand in. */
const locksmith = {
  keys: { algorithms: ['ec256'], import: true },
  files: {
    key: {
      path: ['${etc}/locks/', { param: 'tenant' }, '.key'],
      format: 'block',
      grammar: 'grammars/key.json',
      owner: 'root',
      mode: '0600',
      secret: true,
      maxBytes: 20000,
    },
    leaf: {
      path: ['${etc}/locks/', { param: 'tenant' }, '.leaf'],
      format: 'block',
      grammar: 'grammars/leaf.json',
      owner: 'root',
      mode: '0644',
      maxBytes: 20000,
    },
  },
  services: manifest.services,
  changes: { lock: { files: ['key', 'leaf'], service: 'rest', probe: { kind: 'active', for: '1s' } } },
}
const of = (type: 'key' | 'certificates') => ({
  top: 'main',
  contexts: { main: { lock: { args: [{ type }] } } },
})
/** Programs that the manifest names, and those with which the broker itself keeps tenants apart. */
const programs = [
  '/usr/bin/printf',
  '/usr/bin/ls',
  '/usr/bin/cat',
  '/usr/bin/sleep',
  '/usr/bin/true',
  '/usr/bin/setpriv',
  '/usr/bin/find',
  '/usr/bin/chmod',
  '/usr/bin/kill',
  '/usr/bin/openssl',
  // They only read: this broker may not install.
  '/usr/bin/apt-cache',
  '/usr/bin/dpkg-query',
]

/** A real broker, and a panel that somebody else has in hand: it speaks to the socket as cleverly as it can. */
export class TakenOverPanel {
  readonly tenant = newTenantId()
  /** Programs that the broker started. */
  readonly seen = new Set<string>()
  /** Those of them that no manifest names. */
  readonly strangers = new Set<string>()
  home!: BrokerHome
  broker!: RunningBroker
  client!: RawClient
  #policies: readonly PolicyInfo[] = []
  #watch: NodeJS.Timeout | undefined

  /** Registers start and end with the suite that it is called in. */
  static inSuite(): TakenOverPanel {
    const panel = new TakenOverPanel()
    before(() => panel.#start())
    after(() => panel.#end())
    return panel
  }

  /** A file that none of its attempts may make. */
  get canary(): string {
    return `${this.home.directory}/canary`
  }

  digestOf(plugin: string): string {
    return this.#policies.find(info => info.plugin === plugin)?.digest as string
  }

  origin(plugin = 'demo') {
    return { plugin, policy: this.digestOf(plugin), actor: { kind: 'user', id: '1', name: 'eve' } }
  }

  async #start(): Promise<void> {
    this.home = brokerHome({}, unprivileged())
    this.home.plugin('demo', manifest, { conf: grammar })
    this.home.plugin('keeper', { tenants: true })
    this.home.plugin('locksmith', locksmith, { key: of('key'), leaf: of('certificates') })
    const open = { ...locksmith.files.key, mode: '0644' }
    this.home.plugin(
      'careless',
      { ...locksmith, files: { ...locksmith.files, key: open } },
      { key: of('key'), leaf: of('certificates') },
    )
    this.home.plugin('disabled', manifest, { conf: grammar })
    this.home.plugin('unapproved', manifest, { conf: grammar }, true)
    this.broker = await startBroker(this.home, unprivileged())
    this.client = await RawClient.connect(this.broker.socket)
    const { result } = await this.client.call('policy.describe', {})
    this.#policies = (result as Methods['policy.describe']['result']).policies
    await this.client.call('policy.disable', { plugin: 'disabled' })
    const made = await this.client.call('tenant.create', { ...this.origin('keeper'), tenant: this.tenant })
    expect(made.error).to.equal(undefined)
    this.#watch = setInterval(() => this.#look(), 2)
  }

  #look(): void {
    for (const { pid, parent } of allProcesses()) {
      if (parent !== this.broker.pid) continue
      try {
        const program = readlinkSync(`/proc/${pid}/exe`)
        this.seen.add(program)
        // Between fork and exec a child is still the broker's own program; so is what watches over deadlines.
        if (!programs.includes(program) && program !== process.execPath) this.strangers.add(program)
      } catch {
        // Ended meanwhile.
      }
    }
  }

  /** Whatever it did, the broker still stands, its journal verifies, and it ends in good order. */
  async #end(): Promise<void> {
    clearInterval(this.#watch)
    this.client?.end()
    if (this.broker) {
      const root = await RawClient.connect(this.broker.adminSocket)
      const { result } = await root.call('audit.verify', {})
      expect((result as Methods['audit.verify']['result']).problems).to.deep.equal([])
      root.end()
      expect(await this.broker.stop('SIGINT'), this.broker.stderr()).to.equal(0)
    }
    this.home?.remove()
  }
}

export const codeOf = (answer: Answer) => answer.error?.data?.code ?? answer.error?.code ?? 'ok'
