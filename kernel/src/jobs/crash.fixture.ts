import { appendFileSync } from 'node:fs'
import { defineJob, Joi, object } from '@nusantara/sdk'
import { State } from '../state/state.js'
import { accept, createEngine } from './engine.fixture.js'

/** Where the process dies: `<step>:<moment>`; `throw` makes step three fail, so that the way back is taken. */
export interface CrashInput {
  readonly die: string
  readonly throws: boolean
}

const schema = object<CrashInput>({ die: Joi.string().allow('').required(), throws: Joi.boolean().required() })

/** Three steps that write what they do into a file outside the store, as real ones change a server. */
export function crashJob(onCrash: 'replay' | 'compensate', alive: boolean) {
  const step = (name: string) => ({
    onCrash,
    async run({ input, deps }: { input: CrashInput; deps: string }) {
      note(deps, `begin ${name}`)
      die(input, `${name}:begin`, alive)
      if (input.throws && name === 'three') throw new Error('it does not work')
      note(deps, `run ${name}`)
      die(input, `${name}:end`, alive)
      return name
    },
    async undo({ input, deps }: { input: CrashInput; deps: string }) {
      note(deps, `undo ${name}`)
      die(input, `${name}:undo`, alive)
    },
  })
  return defineJob<CrashInput, string>({ type: 'demo.crash', version: 1, input: schema, concurrency: () => ['k'] })
    .step('one', step('one'))
    .step('two', step('two'))
    .step('three', step('three'))
    .settled(async (trx, { outcome, deps }) => {
      note(deps, `settled ${outcome.state}`)
      await trx.raw('select 1')
    })
}

function note(file: string, line: string): void {
  appendFileSync(file, `${line}\n`)
}

/** kill -9 of oneself: nothing gets to clean up. */
function die(input: CrashInput, moment: string, alive: boolean): void {
  if (!alive && input.die === moment) process.kill(process.pid, 'SIGKILL')
}

const [home, trace, onCrash, die_, throws] = process.argv.slice(2)
if (process.env.NUSA_CRASH_FIXTURE && home && trace) {
  const state = await State.open({
    home,
    ...(process.env.DATABASE_URL ? { databaseUrl: process.env.DATABASE_URL } : {}),
  })
  const engine = createEngine(state, home)
  const definition = crashJob(onCrash as 'replay', false)
  engine.jobs.define('demo', definition, trace)
  await engine.jobs.start()
  await engine.settled(await accept(engine, definition, { die: die_ ?? '', throws: throws === 'true' }))
  process.exit(0)
}
