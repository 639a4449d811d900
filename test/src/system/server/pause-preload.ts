/**
 * Loaded into an installed panel before its own program (`node --import`). Halts the panel at the boundary of a job's step that
 * the standing order names, so that a test can kill whom it wants there; whoever is left goes on when `paused` is removed.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

interface Definition {
  run(context: unknown): Promise<unknown>
}
interface Step {
  readonly name: string
  readonly definition: Definition
}
interface Types {
  step(type: { definition: { options: { type: string } } }, row: unknown): Step | undefined
}
interface Store {
  settle(job: { type: string }, ...rest: unknown[]): Promise<void>
}

const code = '/usr/lib/nusantara-panel/kernel'
const order = '/var/lib/nusantara/pause-at.json'
const paused = '/var/lib/nusantara/paused'

function reach(type: string, step: string, moment: string): void {
  if (!existsSync(order)) return
  const wanted = JSON.parse(readFileSync(order, 'utf8')) as Readonly<Record<string, string>>
  if (wanted.type !== type || wanted.step !== step || wanted.moment !== moment) return
  renameSync(order, paused)
  const pause = new Int32Array(new SharedArrayBuffer(4))
  while (existsSync(paused)) Atomics.wait(pause, 0, 0, 2)
}

const watch: Readonly<Record<string, (prototype: Types & Store) => void>> = {
  JobTypes(prototype) {
    const step = prototype.step
    prototype.step = function (type, row) {
      const found = step.call(this, type, row)
      const name = type.definition.options.type
      return found && { ...found, definition: watched(found.definition, name, found.name) }
    }
  },
  JobStore(prototype) {
    const settle = prototype.settle
    prototype.settle = async function (job, ...rest) {
      reach(job.type, '', 'before-settle')
      await settle.call(this, job, ...rest)
      reach(job.type, '', 'after-settle')
    }
  },
}

// The package has bundles, which export nothing: each hands over its own classes when it was run.
if (isMainThread && process.argv[1] === `${code}/dist/main.js`) {
  Object.assign(globalThis, { watch })
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.startsWith(`file://${code}/dist/`)) return loaded
      const source = String(loaded.source)
      const names = Object.keys(watch).filter(name => source.includes(`class ${name} {`))
      return { ...loaded, source: [source, ...names.map(name => `watch.${name}(${name}.prototype)`)].join('\n') }
    },
  })
}

function watched(definition: Definition, type: string, name: string): Definition {
  return {
    ...definition,
    async run(context) {
      reach(type, name, 'before-run')
      const result = await definition.run(context)
      reach(type, name, 'after-run')
      return result
    },
  }
}
