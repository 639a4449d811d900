import { anonymous, defineHook, defineProblem, Problem, type Scope } from '@nusantara/sdk'
import { expect } from 'chai'
import 'reflect-metadata'
import pino from 'pino'
import { Hooks } from './hooks.js'

const scope: Scope = { actor: anonymous, signal: new AbortController().signal }
const Refused = defineProblem('example.refused', 409)

describe('Hooks', () => {
  let hooks: Hooks
  let logged: string[]
  beforeEach(() => {
    logged = []
    hooks = new Hooks(pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }))
  })

  async function problemOf(call: Promise<unknown>): Promise<Problem> {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(Problem)
    return error as Problem
  }

  it('guard: a Problem of a tap vetoes as it is, and later taps are not asked', async () => {
    const hook = defineHook<[name: string]>('sites.removing', 'guard')
    const asked: string[] = []
    hooks.tap(hook, 'first', (_scope, name) => {
      asked.push(name)
      throw Refused()
    })
    hooks.tap(hook, 'second', (_scope, name) => void asked.push(name))
    expect((await problemOf(hooks.call(hook, scope, 'a'))).code).to.equal('example.refused')
    expect(asked).to.deep.equal(['a'])
  })

  it('guard: a defect of a tap refuses too, and names plugin and hook', async () => {
    const hook = defineHook('sites.removing', 'guard')
    hooks.tap(hook, 'ssl', () => {
      throw new TypeError('x is undefined')
    })
    const problem = await problemOf(hooks.call(hook, scope))
    expect(problem.code).to.equal('hook_tap_failed')
    expect(problem.params).to.deep.equal({ plugin: 'ssl', hook: 'sites.removing', reason: 'x is undefined' })
    expect(logged.join()).to.include('nusa plugin disable ssl')
  })

  it('transform: hands the value on in order, and refuses null', async () => {
    const hook = defineHook<[value: number, factor: number], number>('sites.vhost', 'transform')
    hooks.tap(hook, 'b', (_scope, value, factor) => value * factor, { order: 2 })
    hooks.tap(hook, 'a', async (_scope, value) => value + 1, { order: 1 })
    expect(await hooks.call(hook, scope, 3, 10)).to.equal(40)
    hooks.tap(hook, 'c', () => null as unknown as number)
    expect((await problemOf(hooks.call(hook, scope, 3, 10))).code).to.equal('hook_tap_answered_nothing')
  })

  it('transform: without taps the value comes back', async () => {
    const hook = defineHook<[value: string], string>('sites.vhost', 'transform')
    expect(await hooks.call(hook, scope, 'as it is')).to.equal('as it is')
  })

  it('collect: a failing tap is dropped and blamed, the others count', async () => {
    const hook = defineHook<[], string>('search.results', 'collect')
    hooks.tap(hook, 'a', () => 'one')
    hooks.tap(hook, 'broken', async () => Promise.reject(new Error('down')))
    hooks.tap(hook, 'b', () => 'two')
    expect(await hooks.call(hook, scope)).to.deep.equal(['one', 'two'])
    expect(logged.join()).to.include('broken')
  })

  it('observe: a failure is never passed on', async () => {
    const hook = defineHook('jobs.finished', 'observe')
    let told = 0
    hooks.tap(hook, 'a', () => {
      throw new Error('no')
    })
    hooks.tap(hook, 'b', () => void told++)
    await hooks.call(hook, scope)
    expect(told).to.equal(1)
  })

  it('a tap that was taken out is not called again, and nothing of it stays', async () => {
    const hook = defineHook<[], string>('search.results', 'collect')
    const untap = hooks.tap(hook, 'a', () => 'one')
    hooks.tap(hook, 'b', () => 'two')
    await hooks.call(hook, scope)
    untap()
    untap()
    expect(await hooks.call(hook, scope)).to.deep.equal(['two'])
    expect(hooks.list()).to.deep.equal([{ hook: 'search.results', plugin: 'b' }])
  })

  it('a tap taken out while the hook runs does not disturb the run', async () => {
    const hook = defineHook<[], string>('search.results', 'collect')
    const untap = hooks.tap(hook, 'a', () => {
      untap()
      return 'one'
    })
    hooks.tap(hook, 'b', () => 'two')
    expect(await hooks.call(hook, scope)).to.deep.equal(['one', 'two'])
    expect(await hooks.call(hook, scope)).to.deep.equal(['two'])
  })

  it('a watcher sees taps come and go, and can refuse one', () => {
    const hook = defineHook<[], number>('http.routes', 'collect')
    const there = new Set<string>()
    hooks.watch(hook, tap => {
      if (tap.plugin === 'bad') throw Refused()
      there.add(tap.plugin)
      return () => there.delete(tap.plugin)
    })
    const untap = hooks.tap(hook, 'good', () => 1)
    expect(() => hooks.tap(hook, 'bad', () => 1)).to.throw('example.refused')
    expect([...there]).to.deep.equal(['good'])
    untap()
    expect(there.size).to.equal(0)
    expect(hooks.list()).to.deep.equal([])
  })

  it('one name with two kinds is refused', () => {
    hooks.tap(defineHook('a.b', 'observe'), 'x', () => undefined)
    expect(() => hooks.tap(defineHook('a.b', 'guard'), 'y', () => undefined)).to.throw('hook_kind_differs')
  })
})
