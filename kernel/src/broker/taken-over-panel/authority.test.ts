import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { RawClient } from '../testing/raw-client.js'
import { until } from '../testing/until.js'
import { codeOf, TakenOverPanel } from './fixture.js'

describe('a taken-over panel that claims authority', function () {
  this.timeout(60_000)
  const panel = TakenOverPanel.inSuite()

  it('cannot use another policy than the one in force for the plugin it names', async () => {
    const run = async (plugin: string, policy: string) =>
      codeOf(
        await panel.client.call('operation.run', {
          ...panel.origin(),
          plugin,
          policy,
          operation: 'say',
          params: { word: 'x' },
        }),
      )
    expect(await run('demo', panel.digestOf('demo'))).to.equal('ok')
    expect(await run('demo', panel.digestOf('keeper'))).to.equal('policy_changed')
    expect(await run('demo', 'f'.repeat(64))).to.equal('policy_changed')
    expect(await run('keeper', panel.digestOf('keeper'))).to.equal('operation_unknown')
    expect(await run('nobody', panel.digestOf('demo'))).to.equal('policy_unknown')
    expect(await run('unapproved', panel.digestOf('unapproved'))).to.equal('policy_unapproved')
    await panel.client.call('policy.disable', { plugin: 'disabled' })
    expect(await run('disabled', panel.digestOf('disabled'))).to.equal('policy_disabled')
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
        codeOf(await panel.client.call(method, { plugin: 'unapproved', digest: panel.digestOf('unapproved') })),
        JSON.stringify(method),
      ).to.equal(-32601)
  })

  it('cannot remove the tenant of another plugin', async () => {
    expect(
      codeOf(await panel.client.call('tenant.remove', { ...panel.origin(), tenant: panel.tenant, keepFiles: false })),
    ).to.equal('tenant_refused')
    expect(
      codeOf(await panel.client.call('tenant.describe', { ...panel.origin('keeper'), tenant: panel.tenant })),
    ).to.equal('ok')
  })

  it('cannot confirm over a connection that it kept from before, nor keep the broker from taking a change back', async () => {
    const apply = (more: object) =>
      panel.client.call('change.apply', {
        ...panel.origin(),
        change: 'conf',
        tenant: panel.tenant,
        params: { version: '1' },
        files: { conf: [{ name: 'text', args: ['unconfirmed'] }] },
        changeId: 'waits',
        attempt: 1,
        ...more,
      })
    const confirm = async (more = {}, over = panel.client) =>
      codeOf(await over.call('change.confirm', { ...panel.origin(), changeId: 'waits', ...more }))
    const spare = await Promise.all([1, 2, 3].map(() => RawClient.connect(panel.broker.socket)))
    for (const each of spare) await each.call('broker.status', {})
    // What the broker will call the reversal is out of its reach, so no change can stand in its place.
    for (const changeId of ['broker:deadline:waits', 'broker:', 'broker:discard:1'])
      expect(codeOf(await apply({ changeId })), changeId).to.equal('param_invalid')
    expect(
      codeOf(
        await panel.client.call('change.revert', {
          ...panel.origin(),
          changeId: 'waits',
          revertId: 'broker:deadline:waits',
          attempt: 1,
        }),
      ),
    ).to.equal('param_invalid')
    expect(codeOf(await apply({ deadline: 3 }))).to.equal('ok')
    for (const over of [panel.client, ...spare]) expect(await confirm({}, over)).to.equal('confirmation_stale')
    const fresh = await RawClient.connect(panel.broker.socket)
    expect(await confirm({ plugin: 'keeper', policy: panel.digestOf('keeper') }, fresh)).to.equal('change_unknown')
    expect(await confirm({ policy: 'f'.repeat(64) }, fresh)).to.equal('policy_changed')
    expect(await confirm({ connection: 99 }, fresh)).to.equal('param_invalid')
    expect(codeOf(await apply({ changeId: 'on-top', files: { conf: null } }))).to.equal('change_unconfirmed')
    const file = `${panel.home.config.roots.etc}/demo/${panel.tenant}-1.conf`
    expect(existsSync(file)).to.equal(true)
    const state = async () => {
      const { result } = await fresh.call('change.describe', { ...panel.origin(), changeId: 'waits' })
      return (result as { state: string }).state
    }
    await until(async () => (await state()) === 'reverted', 'the end of what nobody confirmed', 30_000)
    expect(existsSync(file)).to.equal(false)
    for (const each of [fresh, ...spare]) each.end()
  })

  it('cannot have a package installed that no manifest names, nor any in a sandbox', async () => {
    const known = { set: 'tool', params: { version: '1' } }
    const install = async (more: object) =>
      codeOf(
        await panel.client.call('package.install', {
          ...panel.origin(),
          sets: [known],
          hash: 'f'.repeat(64),
          ...more,
        }),
      )
    /** Beside one that the manifest names. */
    const installToo = (set: object) => install({ sets: [known, { ...known, ...set }] })
    expect(await install({})).to.equal('packages_refused')
    expect(await installToo({})).to.equal('packages_refused')
    expect(await installToo({ set: 'openssh-server' })).to.equal('param_invalid')
    expect(await installToo({ set: 'conf' })).to.equal('package_set_unknown')
    for (const sets of [[], Array(21).fill(known), known, 'tool', ['tool'], null])
      expect(await install({ sets }), JSON.stringify(sets)).to.equal('param_invalid')
    expect(await install({ ...panel.origin('keeper') })).to.equal('package_set_unknown')
    for (const version of ['3', '1 openssh-server', '1+', '-o', '/etc/shadow', '../x', ''])
      expect(await installToo({ params: { version } }), version).to.equal('param_invalid')
    for (const extra of ['names', 'pins', 'options', 'argv', 'root']) {
      expect(await install({ [extra]: ['openssh-server'] }), extra).to.equal('param_invalid')
      expect(await installToo({ [extra]: ['openssh-server'] }), extra).to.equal('param_invalid')
    }
    for (const method of ['package.repair', 'package.refresh']) {
      expect(codeOf(await panel.client.call(method, panel.origin()))).to.equal('packages_refused')
      expect(codeOf(await panel.client.call(method, panel.origin('keeper')))).to.equal('param_invalid')
    }
  })

  it('passes arguments as they are, whatever they look like', async () => {
    for (const word of [
      `$(touch ${panel.canary})`,
      `;touch ${panel.canary}`,
      '%s%n',
      '"',
      "'\\''",
      '*',
      '~',
      '${etc}',
      'ünïcödé',
    ]) {
      const answer = await panel.client.call('operation.run', { ...panel.origin(), operation: 'say', params: { word } })
      expect((answer.result as { stdout: string }).stdout).to.equal(word)
    }
    for (const word of ['-v', '--help', 'a\0b', 'a\nb', '\u009b31m', '\x7f'])
      expect(
        codeOf(await panel.client.call('operation.run', { ...panel.origin(), operation: 'say', params: { word } })),
        JSON.stringify(word),
      ).to.equal('param_invalid')
    expect(existsSync(panel.canary)).to.equal(false)
  })
})
