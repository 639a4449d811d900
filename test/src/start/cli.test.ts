import { spawnSync } from 'node:child_process'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { administrator, post, setUp } from './set-up.js'
import { StartedPanel } from './started-panel.js'

describe('nusa, in a terminal', function () {
  this.timeout(60_000)
  let panel: StartedPanel
  before(async () => {
    panel = await StartedPanel.prepare()
    const { status, body } = await setUp(panel, await panel.start())
    expect(status, body).to.equal(201)
  })
  after(() => panel.remove())

  it('shows a plan as a diff and changes nothing', async () => {
    const { code, stdout } = await panel.nusa(
      'sites',
      'create',
      'plan.example.test',
      '--runtime',
      'static',
      '--dry-run',
    )
    expect(code).to.equal(0)
    expect(stdout).to.include('+    server_name plan.example.test;').and.include('Publish plan.example.test')
    expect((await panel.nusa('sites', 'list', '--json')).stdout).to.not.include('plan.example.test')
  })

  it('creates a site, follows its job, and answers JSON to scripts', async () => {
    const { code, stdout } = await panel.nusa('sites', 'create', 'made.example.test', '--runtime', 'static', '--json')
    expect(code).to.equal(0)
    const { id, job } = JSON.parse(stdout)
    expect(job.state).to.equal('succeeded')
    expect((await panel.nusa('jobs', 'follow', job.id)).code).to.equal(0)
    const site = await panel.nusa('sites', 'get', id)
    expect(site.stdout).to.include('made.example.test')
    const gone = await panel.nusa('sites', 'delete', id, '--confirm', 'made.example.test')
    expect(gone, gone.stderr).to.include({ code: 0 })
  })

  it('names the field of bad input, and ends with 1', async () => {
    const { code, stderr } = await panel.nusa('sites', 'create', '-bad-.test', '--runtime', 'static')
    expect(code).to.equal(1)
    expect(stderr).to.include('domain')
  })

  it('explains a wrong line, and ends with 2', async () => {
    const unknown = await panel.nusa('sites', 'publish', 'x')
    expect(unknown).to.include({ code: 2 })
    expect(unknown.stderr).to.include('nusa sites create')
    expect(await panel.nusa('sites', 'create', 'a.test', '--colour', 'red')).to.include({ code: 2 })
    expect(await panel.nusa('sites', 'list', '--dry-run')).to.include({ code: 2 })
  })

  it('helps without doing, and refuses a flag that it would have ignored', async () => {
    const before = await readFile(join(panel.home, 'setup-token'), 'utf8').catch(() => '')
    const help = await panel.nusa('setup', 'link', '--help')
    expect(help.stdout).to.include('nusa setup link').and.not.include('#token=')
    expect(await readFile(join(panel.home, 'setup-token'), 'utf8').catch(() => '')).to.equal(before)
    expect((await panel.nusa('sites', '--help')).stdout)
      .to.include('nusa sites create')
      .and.not.include('nusa jobs')
    const wrong = await panel.nusa('doctor', '--jsn')
    expect(wrong.code).to.equal(2)
    expect(wrong.stderr).to.include('did you mean --json')
    expect((await panel.nusa('job', 'folow', 'x')).stderr).to.include('did you mean “nusa jobs follow”')
  })

  it('fits its tables to 80 columns, and shows all of a chosen one', async () => {
    for (const what of ['jobs', 'sites', 'plugins', 'audit']) {
      const { stdout } = await panel.nusa(what, 'list')
      for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80)
    }
    const { stdout } = await panel.nusa('jobs', 'list', '--columns', 'state,title', '--wide')
    expect(stdout)
      .to.match(/^STATE +TITLE\n/)
      .and.include('Create site made.example.test')
  })

  it('ends quietly when nobody reads on', async () => {
    const { code, stderr } = await panel.piped(['help'], ['head', '-1'])
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })

  it('says when no panel answers, and ends with 3', async () => {
    const elsewhere = await StartedPanel.prepare()
    const { code, stderr } = await elsewhere.nusa('sites', 'list')
    const rescue = await elsewhere.nusa('user', 'reset-password', 'admin')
    expect(rescue.stderr).to.include('There is no panel').and.include('NUSA_HOME')
    expect(await readdir(elsewhere.home), 'no state is made').to.not.include('panel.sqlite')
    expect(rescue.code).to.equal(1)
    await elsewhere.remove()
    expect(code).to.equal(3)
    expect(stderr).to.include('NUSA_HOME')
  })

  it('shows each finding with what mends it, in the language of the terminal', async () => {
    const file = join(panel.home, 'setup-token')
    await writeFile(file, 'x')
    await chmod(file, 0o644)
    const doctor = await panel.nusa('doctor')
    const indonesian = await panel.nusaIn('id_ID.UTF-8', 'doctor')
    await rm(file)
    expect(doctor.code).to.equal(4)
    expect(doctor.stdout)
      .to.include('Server\n')
      .and.include('Others can read secret files')
      .and.include(`$ chmod 600 ${file}`)
    expect(indonesian.stdout).to.include('Keamanan\n').and.include('Berkas rahasia dapat dibaca orang lain')
  })

  it('examines the panel and verifies the audit log', async () => {
    const doctor = await panel.nusa('doctor', '--json')
    expect(JSON.parse(doctor.stdout).filter((check: { status: string }) => check.status === 'failed')).to.deep.equal([])
    expect(doctor.code).to.equal(0)
    const verified = await panel.nusa('audit', 'verify', '--json')
    expect(verified.code).to.equal(0)
    expect(JSON.parse(verified.stdout)).to.include({ ok: true })
    const exported = await panel.nusa('audit', 'export')
    const entries = exported.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(entries.map(entry => entry.action ?? JSON.parse(entry.body).action)).to.include('sites.create')
  })

  it('signs a checkpoint, seals the past, and compares the log with what was kept elsewhere', async () => {
    const file = join(panel.home, 'kept.json')
    await writeFile(file, (await panel.nusa('audit', 'checkpoint')).stdout)
    const sealed = await panel.nusa('audit', 'seal', '--before', '2099-01-01', '--json')
    const [segment] = JSON.parse(sealed.stdout).items
    expect(segment.first).to.equal(1)
    const whole = await panel.nusa('audit', 'verify', '--checkpoint', file)
    expect(whole.stdout).to.include('1 sealed segment')
    expect(whole.code).to.equal(0)
    expect((await panel.nusa('audit', 'export')).stdout.split('\n')[0]).to.include('"seq":1}')
    const another = { ...JSON.parse(await readFile(file, 'utf8')), seq: 1 }
    await writeFile(file, JSON.stringify(another))
    const forged = await panel.nusa('audit', 'verify', '--checkpoint', file)
    expect(forged.stdout).to.include('not signed by the key')
    expect(forged.code).to.equal(4)
    await rm(join(panel.home, 'audit-segments', segment.file))
    const missing = await panel.nusa('audit', 'verify')
    expect(missing.stdout).to.include(segment.file).and.include('is missing')
    expect(missing.code).to.equal(4)
    const broken = await panel.nusa('audit', 'export')
    expect(broken.stderr).to.include('not whole')
    expect(broken.code).to.equal(1)
    await writeFile(file, '{}')
    expect(await panel.nusa('audit', 'verify', '--checkpoint', file)).to.include({ code: 2 })
  })

  it('speaks the language of the terminal', async () => {
    const { stderr } = await panel.nusaIn('id_ID.UTF-8', 'sites', 'create', 'a.test', '--runtme', 'static')
    expect(stderr).to.include('maksud Anda --runtime')
  })

  it('rescues who forgot the password, beside the running panel', async () => {
    const { code, stdout } = await panel.nusa('user', 'reset-password', administrator.username)
    expect(code).to.equal(0)
    const password = /: (\S{20})\n/.exec(stdout)?.[1]
    expect((await post(panel, '/auth/login', administrator)).status).to.equal(401)
    expect((await post(panel, '/auth/login', { username: administrator.username, password })).status).to.equal(200)
    expect(await panel.nusa('user', 'disable-totp', administrator.username)).to.include({ code: 0 })
    const nobody = await panel.nusa('user', 'reset-password', 'nobody-here')
    expect(nobody).to.include({ code: 1 })
  })

  it('completes words in bash', async () => {
    const { stdout } = await panel.nusa('completion', 'bash')
    expect(spawnSync('bash', ['-n'], { input: stdout }).status, 'the script parses').to.equal(0)
    const candidates = (await panel.nusa('__complete', 'sites', '')).stdout.split('\n')
    expect(candidates).to.include.members(['create', 'delete', 'list'])
    const components = (...before: string[]) => panel.nusa('__complete', 'stack', 'install', ...before, 'ng')
    expect((await components()).stdout).to.equal('nginx\n')
    expect((await components('redis-server')).stdout).to.equal('nginx\n')
    expect((await components('nginx')).stdout).to.equal('')
    const inBash = `source <(nusa completion bash); COMP_WORDS=(nusa audit verify --c); COMP_CWORD=3; _nusa; echo "$COMPREPLY"`
    expect((await panel.shell(inBash)).stdout).to.equal('--checkpoint\n')
  })
})
