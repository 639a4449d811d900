import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { treeDifference, treeOf } from '../testing/tree-hash.js'
import { until } from '../testing/until.js'
import { codeOf, TakenOverPanel } from './fixture.js'

describe('a taken-over panel that twists requests', function () {
  this.timeout(60_000)
  const panel = TakenOverPanel.inSuite()

  /** One harmless request of each method, to be twisted. */
  const requests = (): Record<string, Record<string, unknown>> => ({
    'policy.describe': { plugin: 'demo' },
    'policy.approve': { plugin: 'unapproved', digest: panel.digestOf('unapproved') },
    'policy.enable': { plugin: 'demo', digest: panel.digestOf('demo') },
    'policy.disable': { plugin: 'disabled' },
    'operation.run': { ...panel.origin(), operation: 'say', params: { word: 'x' }, stream: true },
    'operation.run ': { ...panel.origin(), operation: 'list', tenant: panel.tenant, params: { file: ['a'] } },
    'operation.run  ': { ...panel.origin(), operation: 'pass', input: 'eA==' },
    'service.run': { ...panel.origin(), service: 'rest', verb: 'status' },
    'tenant.create': { ...panel.origin(), tenant: panel.tenant },
    'tenant.remove': { ...panel.origin(), tenant: panel.tenant, keepFiles: true },
    'tenant.describe': { ...panel.origin(), tenant: panel.tenant },
    'change.plan': {
      ...panel.origin(),
      change: 'conf',
      tenant: panel.tenant,
      params: { version: '1' },
      files: { conf: [{ name: 'name', args: ['good'] }] },
    },
    'change.apply': {
      ...panel.origin(),
      change: 'conf',
      tenant: panel.tenant,
      params: { version: '1' },
      files: { conf: [{ name: 'text', args: ['x'] }] },
      changeId: 'c1',
      attempt: 1,
      expectHash: 'f'.repeat(64),
    },
    'change.apply ': {
      ...panel.origin(),
      change: 'conf',
      tenant: panel.tenant,
      params: { version: '2' },
      files: { conf: [{ name: 'text', args: ['y'] }] },
      onDrift: 'discard',
      changeId: 'c3',
      attempt: 1,
      deadline: 1,
    },
    'change.revert': { ...panel.origin(), changeId: 'c1', revertId: 'c2', attempt: 1 },
    'change.describe': { ...panel.origin(), changeId: 'c1' },
    'change.confirm': { ...panel.origin(), changeId: 'c1' },
    'change.drift': { ...panel.origin(), path: 'x' },
    'package.describe': { ...panel.origin(), sets: [] },
    'package.plan': { ...panel.origin(), sets: [{ set: 'nothing', params: { version: '1' } }] },
    'package.install': {
      ...panel.origin(),
      sets: [{ set: 'tool', params: { version: '1' } }],
      hash: 'f'.repeat(64),
      stream: true,
    },
    'package.repair': { ...panel.origin(), stream: true },
    'package.refresh': { ...panel.origin() },
    'audit.head': {},
    'timer.set': { at: new Date(Date.now() + 3_600_000).toISOString() },
    'audit.verify': {},
    'panel.broker.status': {},
  })

  const hostile = () => {
    const shell = panel.canary
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
    /^broker\/deadlines\//,
    /^broker\/services\//,
    /^log\/deadlines\.log$/,
    new RegExp(`^etc/(?:demo/(?:${panel.tenant}-[12]\\.conf)?)?$`),
    /^log\/services\/(?:rest\.service\.log)?$/,
  ]

  it('gets no byte outside what manifest and grammar allow, and no process that no manifest names', async () => {
    const before = treeOf(panel.home.directory)
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
              panel.client.call(
                method.trim(),
                twist(requests()[method] as Record<string, unknown>, place, value, extra),
              ),
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
    for (const plugin of ['demo', 'keeper'])
      await panel.client.call('policy.enable', { plugin, digest: panel.digestOf(plugin) })
    // A tenant is the manifest owner's to make: demo may not, whatever it sends.
    expect(tally.get('tenant_refused') ?? 0).to.be.greaterThan(0)
    expect(tally.get('param_invalid') ?? 0).to.be.greaterThan(100)
    const changed = () =>
      treeDifference(before, treeOf(panel.home.directory)).filter(name => !allowed.some(pattern => pattern.test(name)))
    // Some of the attempts set a deadline, and a change may be on its way back just now.
    const own = new RegExp(`^etc/demo/\\.${panel.tenant}-[12]\\.conf\\.nusa-(?:new|old)-[0-9a-f]{16}$`)
    await until(() => !changed().some(name => own.test(name)), 'the end of what is taken back')
    expect(changed()).to.deep.equal([])
    expect(existsSync(panel.canary)).to.equal(false)
    expect([...panel.strangers]).to.deep.equal([])
  })

  it('may still do what the manifest allows, and nothing more comes of it', async () => {
    const request = {
      ...panel.origin(),
      change: 'conf',
      tenant: panel.tenant,
      params: { version: '1' },
      changeId: 'allowed',
      attempt: 1,
    }
    const bad = await panel.client.call('change.apply', {
      ...request,
      changeId: 'bad',
      files: { conf: [{ name: 'include', args: ['/etc/passwd'] }] },
    })
    expect(codeOf(bad)).to.equal('grammar_violation')
    const good = await panel.client.call('change.apply', {
      ...request,
      onDrift: 'discard',
      files: { conf: [{ name: 'text', args: ['a; b'] }] },
    })
    expect(codeOf(good), JSON.stringify(good)).to.equal('ok')
    expect(readFileSync(`${panel.home.config.roots.etc}/demo/${panel.tenant}-1.conf`, 'utf8')).to.include(
      'text "a; b";',
    )
    // The watch sees what runs: without this it would prove nothing.
    expect([...panel.seen]).to.include('/usr/bin/sleep')
  })
})
