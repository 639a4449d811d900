import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { newTenantId } from '@nusantara/sdk'
import { expect } from 'chai'
import fc from 'fast-check'
import { allProcesses } from './process-identity.js'
import type { Methods, PolicyInfo } from './protocol.js'
import { type BrokerHome, brokerHome, type RunningBroker, startBroker, unprivileged } from './testing/broker-process.js'
import { type Answer, RawClient } from './testing/raw-client.js'
import { treeDifference, treeOf } from './testing/tree-hash.js'
import { until } from './testing/until.js'

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
]

describe('a taken-over panel', function () {
  this.timeout(60_000)
  let home: BrokerHome
  let broker: RunningBroker
  let client: RawClient
  let digest: string
  let foreign: readonly PolicyInfo[]
  let watch: NodeJS.Timeout
  const tenant = newTenantId()
  const strangers = new Set<string>()
  const seen = new Set<string>()
  const canary = () => `${home.directory}/canary`

  before(async () => {
    home = brokerHome({}, unprivileged())
    home.plugin('demo', manifest, { conf: grammar })
    home.plugin('keeper', { tenants: true })
    home.plugin('disabled', manifest, { conf: grammar })
    home.plugin('unapproved', manifest, { conf: grammar }, true)
    broker = await startBroker(home, unprivileged())
    client = await RawClient.connect(broker.socket)
    const { result } = await client.call('policy.describe', {})
    foreign = (result as Methods['policy.describe']['result']).policies
    digest = digestOf('demo')
    await client.call('policy.disable', { plugin: 'disabled' })
    const made = await client.call('tenant.create', { ...origin('keeper'), tenant })
    expect(made.error).to.equal(undefined)
    watch = setInterval(() => {
      for (const { pid, parent } of allProcesses()) {
        if (parent !== broker.pid) continue
        try {
          const program = readlinkSync(`/proc/${pid}/exe`)
          seen.add(program)
          // Between fork and exec a child is still the broker's own program.
          if (!programs.includes(program) && program !== process.execPath) strangers.add(program)
        } catch {
          // Ended meanwhile.
        }
      }
    }, 2)
  })
  after(async () => {
    clearInterval(watch)
    client?.end()
    if (broker) expect(await broker.stop('SIGINT'), broker.stderr()).to.equal(0)
    home?.remove()
  })

  const digestOf = (plugin: string) => foreign.find(info => info.plugin === plugin)?.digest as string
  const origin = (plugin = 'demo') => ({
    plugin,
    policy: digestOf(plugin),
    actor: { kind: 'user', id: '1', name: 'eve' },
  })
  const codeOf = (answer: Answer) => answer.error?.data?.code ?? answer.error?.code ?? 'ok'

  /** One harmless request of each method, to be twisted. */
  const requests = (): Record<string, Record<string, unknown>> => ({
    'policy.describe': { plugin: 'demo' },
    'policy.approve': { plugin: 'unapproved', digest: digestOf('unapproved') },
    'policy.enable': { plugin: 'demo', digest },
    'policy.disable': { plugin: 'disabled' },
    'operation.run': { ...origin(), operation: 'say', params: { word: 'x' }, stream: true },
    'operation.run ': { ...origin(), operation: 'list', tenant, params: { file: ['a'] } },
    'operation.run  ': { ...origin(), operation: 'pass', input: 'eA==' },
    'service.run': { ...origin(), service: 'rest', verb: 'status' },
    'tenant.create': { ...origin(), tenant },
    'tenant.remove': { ...origin(), tenant, keepFiles: true },
    'tenant.describe': { ...origin(), tenant },
    'change.plan': {
      ...origin(),
      change: 'conf',
      tenant,
      params: { version: '1' },
      files: { conf: [{ name: 'name', args: ['good'] }] },
    },
    'change.apply': {
      ...origin(),
      change: 'conf',
      tenant,
      params: { version: '1' },
      files: { conf: [{ name: 'text', args: ['x'] }] },
      changeId: 'c1',
      attempt: 1,
      expectHash: 'f'.repeat(64),
    },
    'change.revert': { ...origin(), changeId: 'c1', revertId: 'c2', attempt: 1 },
    'change.describe': { ...origin(), changeId: 'c1' },
    'change.confirm': { ...origin(), changeId: 'c1' },
    'change.drift': { ...origin(), path: 'x' },
    'audit.head': {},
    'audit.verify': {},
    'broker.status': {},
  })

  const hostile = () => {
    const shell = canary()
    return fc.oneof(
      fc.constantFrom<unknown>(
        '../../../../../../etc/passwd',
        '..',
        '/etc/shadow',
        `${shell}`,
        `../../../canary`,
        '-rf',
        '--',
        '-',
        'a\nb',
        'a\r\n[x]',
        'a\0b',
        '\u2028',
        '\ud800',
        '\u202egnp',
        `$(touch ${shell})`,
        `;touch ${shell}`,
        `\`touch ${shell}\``,
        `|touch ${shell}`,
        `%0a${shell}`,
        `x;\ninclude ${shell};`,
        'good; include /etc/passwd',
        '"',
        "'",
        '\\',
        '{',
        '}',
        '#',
        '__proto__',
        'constructor',
        'toString',
        'root',
        'unapproved',
        'disabled',
        'keeper',
        '${state}/policy.json',
        '${www}',
        'x'.repeat(100_000),
        '',
        0,
        -1,
        1e308,
        2 ** 53,
        Number.MIN_SAFE_INTEGER,
        true,
        false,
        null,
        [],
        {},
        [[]],
        [{}],
        [null],
        { opaque: 'x' },
        { revision: true },
        { param: 'x' },
        [{ name: 'include', args: ['/etc/passwd'] }],
        [{ name: 'text', args: ['a;\nuser root;'] }],
        [{ name: 'name', args: ['good'], block: [] }],
        { conf: { opaque: 'user root;' } },
        { __proto__: null, length: 1e9 },
        Array.from({ length: 2000 }, () => 'a'),
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.jsonValue({ maxDepth: 3 }),
    )
  }

  /** The request with one place exchanged, or one key added. */
  const twist = (
    request: Record<string, unknown>,
    place: number,
    value: unknown,
    extra: string | undefined,
  ): unknown => {
    const copy = structuredClone(request)
    if (extra !== undefined) {
      Object.defineProperty(copy, extra, { value, enumerable: true })
      return copy
    }
    const places: [holder: Record<string, unknown>, key: string][] = []
    const walk = (holder: Record<string, unknown>) => {
      for (const key of Object.keys(holder)) {
        places.push([holder, key])
        if (typeof holder[key] === 'object' && holder[key] !== null) walk(holder[key] as Record<string, unknown>)
      }
    }
    walk(copy)
    const chosen = places[place % Math.max(1, places.length)]
    if (!chosen) return value
    chosen[0][chosen[1]] = value
    return copy
  }

  /** What may change on disk: the journal, records of decisions that the panel may take, and what the manifest allows. */
  const allowed = [
    /^broker\/journal\//,
    /^broker\/journal\.head$/,
    /^broker\/policy\.json$/,
    /^broker\/changes\//,
    /^broker\/services\//,
    new RegExp(`^etc/(?:demo/(?:${tenant}-[12]\\.conf)?)?$`),
    /^log\/services\/(?:rest\.service\.log)?$/,
  ]

  it('gets no byte outside what manifest and grammar allow, and no process that no manifest names', async () => {
    const before = treeOf(home.directory)
    const keys = ['__proto__', 'constructor', 'uid', 'argv', 'bin', 'cwd', 'env', 'shell', 'path', 'runAs', 'policyDir']
    const tally = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            method: fc.constantFrom(...Object.keys(requests())),
            place: fc.nat(60),
            value: hostile(),
            extra: fc.option(fc.constantFrom(...keys), { nil: undefined, freq: 8 }),
          }),
          { minLength: 10, maxLength: 30 },
        ),
        async attempts => {
          const answers = await Promise.all(
            attempts.map(({ method, place, value, extra }) =>
              client.call(method.trim(), twist(requests()[method] as Record<string, unknown>, place, value, extra)),
            ),
          )
          for (const [index, answer] of answers.entries()) {
            const code = codeOf(answer)
            tally.set(String(code), (tally.get(String(code)) ?? 0) + 1)
            expect(code, JSON.stringify([attempts[index], answer]).slice(0, 500)).not.to.be.oneOf([
              'broker_internal',
              -32603,
              0,
            ])
          }
        },
      ),
      { numRuns: 100, endOnFailure: true },
    )
    // Disabling is the panel's to decide, and some of the attempts did.
    for (const plugin of ['demo', 'keeper']) await client.call('policy.enable', { plugin, digest: digestOf(plugin) })
    // A tenant is the manifest owner's to make: demo may not, whatever it sends.
    expect(tally.get('tenant_refused') ?? 0).to.be.greaterThan(0)
    expect(tally.get('param_invalid') ?? 0).to.be.greaterThan(100)
    const changed = treeDifference(before, treeOf(home.directory)).filter(
      name => !allowed.some(pattern => pattern.test(name)),
    )
    expect(changed).to.deep.equal([])
    expect(existsSync(canary())).to.equal(false)
    expect([...strangers]).to.deep.equal([])
  })

  it('may still do what the manifest allows, and nothing more comes of it', async () => {
    const request = { ...origin(), change: 'conf', tenant, params: { version: '1' }, changeId: 'allowed', attempt: 1 }
    const bad = await client.call('change.apply', {
      ...request,
      changeId: 'bad',
      files: { conf: [{ name: 'include', args: ['/etc/passwd'] }] },
    })
    expect(codeOf(bad)).to.equal('grammar_violation')
    const good = await client.call('change.apply', {
      ...request,
      onDrift: 'discard',
      files: { conf: [{ name: 'text', args: ['a; b'] }] },
    })
    expect(codeOf(good), JSON.stringify(good)).to.equal('ok')
    expect(readFileSync(`${home.config.roots.etc}/demo/${tenant}-1.conf`, 'utf8')).to.include('text "a; b";')
    // The watch sees what runs: without this it would prove nothing.
    expect([...seen]).to.include('/usr/bin/sleep')
  })

  it('cannot use another policy than the one in force for the plugin it names', async () => {
    const run = async (plugin: string, policy: string) =>
      codeOf(
        await client.call('operation.run', { ...origin(), plugin, policy, operation: 'say', params: { word: 'x' } }),
      )
    expect(await run('demo', digest)).to.equal('ok')
    expect(await run('demo', digestOf('keeper'))).to.equal('policy_changed')
    expect(await run('demo', 'f'.repeat(64))).to.equal('policy_changed')
    expect(await run('keeper', digestOf('keeper'))).to.equal('operation_unknown')
    expect(await run('nobody', digest)).to.equal('policy_unknown')
    expect(await run('unapproved', digestOf('unapproved'))).to.equal('policy_unapproved')
    await client.call('policy.disable', { plugin: 'disabled' })
    expect(await run('disabled', digestOf('disabled'))).to.equal('policy_disabled')
  })

  it('cannot approve, not even by names that look like it', async () => {
    for (const method of [
      'policy.approve',
      'Policy.approve',
      'policy.approve\0',
      ' policy.approve',
      'audit.export',
      'toString',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      '',
    ])
      expect(
        codeOf(await client.call(method, { plugin: 'unapproved', digest: digestOf('unapproved') })),
        JSON.stringify(method),
      ).to.equal(-32601)
  })

  it('cannot remove the tenant of another plugin', async () => {
    expect(codeOf(await client.call('tenant.remove', { ...origin(), tenant, keepFiles: false }))).to.equal(
      'tenant_refused',
    )
    expect(codeOf(await client.call('tenant.describe', { ...origin('keeper'), tenant }))).to.equal('ok')
  })

  it('passes arguments as they are, whatever they look like', async () => {
    for (const word of [
      `$(touch ${canary()})`,
      `;touch ${canary()}`,
      '%s%n',
      '"',
      "'\\''",
      '*',
      '~',
      '${etc}',
      'ünïcödé',
    ]) {
      const answer = await client.call('operation.run', { ...origin(), operation: 'say', params: { word } })
      expect((answer.result as { stdout: string }).stdout).to.equal(word)
    }
    for (const word of ['-v', '--help', 'a\0b', 'a\nb', '\u009b31m', '\x7f'])
      expect(
        codeOf(await client.call('operation.run', { ...origin(), operation: 'say', params: { word } })),
        JSON.stringify(word),
      ).to.equal('param_invalid')
    expect(existsSync(canary())).to.equal(false)
  })

  it('cannot confuse the broker with what is not a request', async () => {
    const cases: [bytes: string | Uint8Array, code: number][] = [
      ['not json\n', -32700],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head"\n', -32700],
      [Uint8Array.of(0x22, 0xff, 0xfe, 0x22, 0x0a), -32700],
      [`${'['.repeat(100_000)}\n`, -32700],
      ['[]\n', -32600],
      ['[{"jsonrpc":"2.0","id":1,"method":"audit.head"}]\n', -32600],
      ['null\n', -32600],
      ['"x"\n', -32600],
      ['{"id":1,"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":{},"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":1.5,"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":["audit.head"]}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","uid":0}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","params":[]}\n', -32602],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","params":{"__proto__":{"x":1}}}\n', -32602],
      ['\n', -32700],
    ]
    for (const [bytes, code] of cases) {
      const raw = await RawClient.connect(broker.socket)
      raw.write(bytes)
      await until(() => raw.answers.length > 0, `an answer to ${String(bytes).slice(0, 60)}`)
      expect(raw.answers[0]?.error?.code, String(bytes).slice(0, 60)).to.equal(code)
      raw.end()
    }
  })

  it('cannot make it hold more than a message of the longest kind', async () => {
    const raw = await RawClient.connect(broker.socket)
    raw.write(Buffer.alloc(8 * 1024 * 1024 + 10, 0x61))
    await raw.closed
    const long = await RawClient.connect(broker.socket)
    const answer = await long.call('operation.run', {
      ...origin(),
      operation: 'say',
      params: { word: 'x'.repeat(7 * 1024 * 1024) },
    })
    expect(codeOf(answer)).to.equal('param_invalid')
    long.end()
  })

  it('can leave in the middle of anything', async () => {
    const running = () => allProcesses().filter(stat => stat.parent === broker.pid).length
    const before = running()
    for (const part of ['{"jsonrpc":"2.0","id":1,"method":"operation.run","par', '{', '']) {
      const raw = await RawClient.connect(broker.socket)
      raw.write(part)
      raw.end()
      await raw.closed
    }
    const raw = await RawClient.connect(broker.socket)
    for (let index = 0; index < 50; index++)
      void raw.call('operation.run', { ...origin(), operation: 'say', params: { word: 'x' }, stream: true })
    raw.end()
    await until(() => running() <= before, 'the end of its children')
  })

  it('gets one answer for each request, also when it repeats ids or sends too many', async () => {
    const raw = await RawClient.connect(broker.socket)
    const request = (id: number) =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method: 'operation.run', params: { ...origin(), operation: 'say', params: { word: 'x' } } })}\n`
    raw.write(request(1).repeat(3))
    await until(() => raw.answers.length === 3, 'three answers')
    expect(raw.answers.filter(answer => answer.error?.code === -32600).length).to.equal(2)
    raw.write(Array.from({ length: 700 }, (_, index) => request(index + 10)).join(''))
    await until(() => raw.answers.length === 703, 'all answers', 30_000)
    expect(raw.answers.filter(answer => answer.error?.data?.code === 'busy').length).to.be.greaterThan(100)
    raw.end()
  })

  it('cannot take all connections from root', async () => {
    const many = await Promise.all(
      Array.from({ length: 30 }, () => RawClient.connect(broker.socket).catch(() => undefined)),
    )
    const admin = await RawClient.connect(broker.adminSocket)
    expect(codeOf(await admin.call('audit.head', {}))).to.equal('ok')
    admin.end()
    for (const raw of many) raw?.end()
  })

  it('leaves a journal of its attempts that verifies', async () => {
    const fresh = await RawClient.connect(broker.adminSocket)
    const { result } = await fresh.call('audit.verify', {})
    expect((result as Methods['audit.verify']['result']).problems).to.deep.equal([])
    fresh.end()
  })
})
