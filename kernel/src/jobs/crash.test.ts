import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { crashJob } from './crash.fixture.js'
import { describeEngine } from './engine.fixture.js'

const fixture = fileURLToPath(new URL('./crash.fixture.js', import.meta.url))

describeEngine('jobs of a process that was killed', engines => {
  const crash = async (onCrash: 'replay' | 'compensate', die: string, throws: boolean) => {
    const engine = await engines.engine()
    const { home, databaseUrl } = engines.config()
    const trace = join(home, 'trace')
    const child = spawn(process.execPath, [fixture, home, trace, onCrash, die, String(throws)], {
      env: { ...process.env, NUSA_CRASH_FIXTURE: '1', ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const signal = await new Promise(resolve => child.once('exit', (_, killedBy) => resolve(killedBy)))
    expect(signal).to.equal('SIGKILL')
    const left: { id: string; state: string } = await engine.state.knex('jobs').first('id', 'state')
    expect(left.state).to.equal('running')
    engine.jobs.define('demo', crashJob(onCrash, true), trace)
    await engine.jobs.start()
    const row = await engine.settled(left.id)
    const lines = (await readFile(trace, 'utf8')).trim().split('\n')
    const audit: { action: string }[] = await engine.state.knex('audit_entries').orderBy('seq')
    expect(audit.map(entry => entry.action)).to.deep.equal(['demo.crash', 'jobs.finished'])
    expect(lines.filter(line => line.startsWith('settled'))).to.deep.equal([`settled ${row.state}`])
    return { row, lines, steps: await engine.steps(left.id) }
  }

  for (const step of ['one', 'two', 'three']) {
    for (const moment of ['begin', 'end']) {
      it(`are replayed from step ${step}, killed at its ${moment}`, async function () {
        this.timeout(20_000)
        const { row, lines, steps } = await crash('replay', `${step}:${moment}`, false)
        expect(row.state).to.equal('succeeded')
        expect(lines.filter(line => line === `begin ${step}`)).to.have.length(2)
        for (const other of ['one', 'two', 'three'].filter(name => name !== step)) {
          expect(
            lines.filter(line => line === `run ${other}`),
            other,
          ).to.have.length(1)
        }
        expect(steps.find(({ name }) => name === step)?.attempt).to.equal(2)
      })
    }

    it(`go on taking back, killed while step ${step} was undone`, async function () {
      this.timeout(20_000)
      const { row, lines } = await crash('replay', `${step}:undo`, true)
      expect(row.state).to.equal('failed')
      expect(lines.filter(line => line === `undo ${step}`)).to.have.length(2)
      expect(lines.slice(-2)).to.deep.equal(['undo one', 'settled failed'])
      expect(lines.filter(line => line === 'begin three')).to.have.length(1)
    })
  }

  it('are taken back when the step under way must not run twice', async function () {
    this.timeout(20_000)
    const { row, lines } = await crash('compensate', 'two:end', false)
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['failed', 'job_interrupted'])
    expect(lines.slice(-3)).to.deep.equal(['undo two', 'undo one', 'settled failed'])
    expect(lines.filter(line => line === 'begin two')).to.have.length(1)
  })
})
