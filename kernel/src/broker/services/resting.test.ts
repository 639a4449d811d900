import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { until } from '../testing/until.js'
import { isIdle, type Look, look } from './resting.js'

/** Starts a child for each line that it reads, and says when the child has ended. */
const program = `
  const { spawn } = require('node:child_process')
  process.stdin.on('data', () => {
    const child = spawn('/usr/bin/sleep', ['0.2'])
    child.on('spawn', () => console.log('began'))
    child.on('exit', () => console.log('ended'))
  })
  console.log('ready')`

describe('a service that may rest', function () {
  this.timeout(20_000)
  let main: ChildProcess
  let said = ''
  const now = () => look(main.pid as number) as Look
  before(async () => {
    main = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
    main.stdout?.on('data', data => {
      said += data
    })
    await until(() => said.includes('ready'), 'the program')
  })
  after(async () => {
    main.kill('SIGKILL')
    await once(main, 'exit')
  })

  it('had nothing to do between two looks without children', () => {
    const first = now()
    expect(isIdle(first, undefined)).to.equal(false)
    expect(isIdle(now(), first)).to.equal(true)
  })

  it('had something to do when a child works, or worked and left', async () => {
    const before = now()
    main.stdin?.write('\n')
    await until(() => said.includes('began'), 'the child')
    const busy = now()
    expect(busy.children).to.equal(1)
    expect(isIdle(busy, before)).to.equal(false)
    await until(() => said.includes('ended'), 'the end of the child')
    const after = now()
    expect(after.children).to.equal(0)
    expect([isIdle(after, before), isIdle(after, busy)]).to.deep.equal([false, false])
    expect(isIdle(now(), after)).to.equal(true)
  })

  it('is another one when it was started again meanwhile', () => {
    const first = now()
    expect(isIdle({ ...first, startTime: '1' }, first)).to.equal(false)
    expect(look(2 ** 22 + 1)).to.equal(undefined)
  })
})
