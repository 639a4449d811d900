import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { KeyInfo } from '@nusantara/sdk'
import { expect } from 'chai'
import { codeOf, TakenOverPanel } from './fixture.js'

describe('a taken-over panel that wants private keys', function () {
  this.timeout(60_000)
  const panel = TakenOverPanel.inSuite()
  const call = (method: string, params: object, plugin = 'locksmith') =>
    panel.client.call(method, { ...panel.origin(plugin), tenant: panel.tenant, ...params })
  const leaf = async (key: string) => {
    const { result } = await call('csr.selfSign', { key, names: ['a.test'], addresses: [], days: 5 })
    return (result as { der: string }).der
  }
  const apply = (changeId: string, files: object) =>
    call('change.apply', { change: 'lock', files, changeId, attempt: 1 })
  const lock = (value: string) => [{ name: 'lock', args: [value] }]

  it('has them made, and gets their public half alone', async () => {
    const { result } = await call('key.create', { key: 'one', algorithm: 'ec256' })
    const text = JSON.stringify(result)
    expect(Buffer.from((result as KeyInfo).publicKey, 'base64').length).to.equal(91)
    expect(text).to.not.include('PRIVATE')
    for (const method of ['key.describe', 'csr.create', 'csr.selfSign']) {
      const extra = method === 'key.describe' ? {} : { key: 'one', names: ['a.test'], addresses: [] }
      const answer = await call(method, { ...extra, ...(method === 'csr.selfSign' && { days: 5 }) })
      expect(codeOf(answer), method).to.equal('ok')
      expect(JSON.stringify(answer)).to.not.include('PRIVATE')
    }
  })

  it('reads none back, whatever it asks', async () => {
    expect(codeOf(await call('key.export', { key: 'one' }))).to.equal('key_refused')
    expect(codeOf(await call('key.create', { key: 'one', algorithm: 'ec256', exportable: true }))).to.equal(
      'key_exists',
    )
    // A file that others read, and a plan that shows what it would hold.
    const { result } = await panel.client.call('policy.describe', { plugin: 'careless' })
    const [careless] = (result as { policies: { state: string; reason: string }[] }).policies
    expect(careless).to.include({
      state: 'rejected',
      reason: 'files.key: holds a private key: it must be secret, of root, with mode 0600',
    })
    const plan = await call('change.plan', {
      change: 'lock',
      files: { key: lock('one'), leaf: lock(await leaf('one')) },
    })
    expect(codeOf(plan)).to.equal('ok')
    expect(JSON.stringify(plan)).to.not.include('PRIVATE')
    expect(codeOf(await call('change.plan', { change: 'lock', files: { leaf: lock('one') } }))).to.equal(
      'grammar_violation',
    )
  })

  it('has none where its manifest asks for none, and none of another kind or tenant', async () => {
    for (const plugin of ['demo', 'keeper'])
      for (const method of ['key.create', 'key.describe', 'key.remove', 'csr.create']) {
        const params = {
          'key.create': { key: 'x', algorithm: 'ec256' },
          'key.describe': {},
          'key.remove': { key: 'one' },
          'csr.create': { key: 'one', names: ['a.test'], addresses: [] },
        }[method] as object
        expect(codeOf(await call(method, params, plugin)), `${plugin} ${method}`).to.equal('key_refused')
      }
    expect(codeOf(await call('key.create', { key: 'big', algorithm: 'rsa4096' }))).to.equal('key_refused')
    expect(codeOf(await call('key.create', { key: 'odd', algorithm: 'dsa' }))).to.equal('param_invalid')
    expect(codeOf(await call('key.create', { key: 'x', algorithm: 'ec256', tenant: 'szzzzzzzzzz' }))).to.equal(
      'tenant_unknown',
    )
    for (const key of ['../one', 'a/b', 'ONE', '', 'a\u0000', 'x'.repeat(41), '-subj'])
      expect(codeOf(await call('key.create', { key, algorithm: 'ec256' })), JSON.stringify(key)).to.equal(
        'param_invalid',
      )
  })

  it('signs nothing but names, and reaches no option of the program that signs', async () => {
    const twisted = [
      'a.test,DNS:b.test',
      'a.test\nx',
      '-addext',
      'a.test\u0000',
      '${ENV::HOME}',
      'email:copy',
      '',
      '*.*',
    ]
    for (const name of twisted)
      expect(
        codeOf(await call('csr.create', { key: 'one', names: [name], addresses: [] })),
        JSON.stringify(name),
      ).to.equal('param_invalid')
    for (const address of ['a.test', '1.2.3.4,DNS:b.test', 'fe80::1%lo', '999.1.1.1'])
      expect(codeOf(await call('csr.create', { key: 'one', names: [], addresses: [address] })), address).to.equal(
        'param_invalid',
      )
    for (const days of [0, -1, 826, 1.5, '30'])
      expect(codeOf(await call('csr.selfSign', { key: 'one', names: ['a.test'], addresses: [], days }))).to.equal(
        'param_invalid',
      )
    expect(existsSync(panel.canary)).to.equal(false)
  })

  it('has a certificate written only with the key that is its own, and only whole chains', async () => {
    await call('key.create', { key: 'two', algorithm: 'ec256' })
    const [one, two] = [await leaf('one'), await leaf('two')]
    const refusals: Record<string, object> = {
      'the key of another': { key: lock('one'), leaf: lock(two) },
      'no key of the tenant': { key: lock('three'), leaf: lock(one) },
      'no certificate': { key: lock('one'), leaf: lock('AAAA') },
      'no issuer': { key: lock('one'), leaf: lock(`${one} ${two}`) },
      'a path': { key: lock('../one'), leaf: lock(one) },
      'a certificate beside the key that is there': { leaf: lock(two) },
      'a key beside the certificate that is there': { key: lock('two') },
      'a key without a certificate': { key: lock('one'), leaf: null },
      'a certificate without a key': { key: null, leaf: lock(one) },
    }
    for (const [what, files] of Object.entries(refusals))
      expect(codeOf(await apply(`refused-${what}`, files)), what).to.be.oneOf(['param_invalid', 'grammar_violation'])
    expect(existsSync(`${panel.home.directory}/etc/locks/${panel.tenant}.key`)).to.equal(false)
    const applied = await apply('own', { key: lock('one'), leaf: lock(one) })
    expect(codeOf(applied)).to.equal('ok')
    const file = `${panel.home.directory}/etc/locks/${panel.tenant}.key`
    expect(readFileSync(file, 'utf8')).to.match(
      /^# .*\nlock "-----BEGIN PRIVATE KEY-----\\n[A-Za-z0-9+/=\\n]+-----END PRIVATE KEY-----\\n";\n$/,
    )
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    // What is there stays whole: one of both alone is neither replaced nor removed.
    for (const files of [{ leaf: lock(two) }, { key: null }, { leaf: null }, { key: lock('two') }])
      expect(codeOf(await apply(`apart-${JSON.stringify(files)}`, files))).to.equal('param_invalid')
    const described = await call('change.describe', { changeId: 'own', diff: true })
    expect(JSON.stringify(described)).to.not.include('PRIVATE')
  })

  it('brings keys that the journal does not keep, and loses them with the tenant', async () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    const input = Buffer.from(pem as string).toString('base64')
    expect(codeOf(await call('key.import', { key: 'mine', input }))).to.equal('ok')
    expect(codeOf(await call('key.import', { key: 'mine', input }))).to.equal('ok')
    expect(codeOf(await call('key.import', { key: 'junk', input: 'AAAA' }))).to.equal('key_unsuitable')
    const secret = (pem as string).split('\n')[1] as string
    const state = `${panel.home.directory}/broker`
    for (const name of readdirSync(`${state}/journal`))
      expect(readFileSync(`${state}/journal/${name}`, 'utf8'))
        .to.not.include(secret)
        .and.not.include(input)
    expect(readdirSync(`${state}/keys/${panel.tenant}`)).to.include('mine.pem')
    await panel.client.call('tenant.remove', { ...panel.origin('keeper'), tenant: panel.tenant, keepFiles: false })
    expect(existsSync(`${state}/keys/${panel.tenant}`)).to.equal(false)
    expect(codeOf(await call('key.describe', {}))).to.equal('tenant_unknown')
  })
})
