import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestPanel } from '../../kernel/dist/testing/index.js'
import { inRoot } from '../lib/paths.mjs'
import { home, layCode } from '../package/tree.mjs'
import { figure, median } from './report.mjs'

export const names = ['start.first_answer', 'memory.panel', 'memory.broker', 'memory.plugin']

const settleMs = 3000

/** Proportional set size in MB (proc(5), smaps_rollup). */
function pss(pid) {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(line[1]) / 1024
}

/** A Node that does nothing, for as long as the others are measured: pages that processes share count for each in part. */
async function bareNode() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); process.stdout.write("up\\n")'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

/** At rest: started, nobody asks anything. All three at the same moment. */
async function atRest(plugins, env) {
  const panel = await createTestPanel({ plugins, processes: true, env })
  const bare = await bareNode()
  try {
    await panel.restart()
    await panel.broker.restart()
    await delay(settleMs)
    return { panel: pss(panel.pid), broker: pss(panel.broker.pid), bare: pss(bare.pid) }
  } finally {
    bare.kill('SIGKILL')
    await panel.stop()
  }
}

/** From the start of the process to the first answered request, with warm compile cache. */
async function firstAnswer(plugins, env) {
  const panel = await createTestPanel({ plugins, processes: true, env })
  try {
    const values = []
    for (let round = 0; round < 6; round++) {
      await panel.kill()
      const started = performance.now()
      await panel.restart()
      await panel.as('nobody').get('/healthz')
      values.push(performance.now() - started)
    }
    return median(values.slice(1))
  } finally {
    await panel.stop()
  }
}

/** Of the programs as a server has them: bundled, laid out as the package does. */
export async function measure() {
  process.env.NODE_COMPILE_CACHE ??= inRoot('node_modules/.cache/compile')
  const tree = mkdtempSync(join(tmpdir(), 'nusa-bench-'))
  try {
    await layCode(tree, { arch: process.arch, version: '0.0.0', baseOf: () => inRoot() })
    return await figures({ NUSA_ROOT: join(tree, home) })
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

async function figures(env) {
  const plugins = readdirSync(inRoot('plugins')).map(id => inRoot('plugins', id))
  const all = await atRest(plugins, env)
  const { bare } = all
  const costs = []
  for (const plugin of plugins) {
    const others = plugins.filter(other => other !== plugin)
    costs.push([basename(plugin), all.panel - (await atRest(others, env)).panel])
  }
  return [
    figure('start.first_answer', await firstAnswer(plugins, env), 'ms', {
      target: 600,
      about: 'process start to first answer',
    }),
    figure('memory.panel', all.panel, 'MB PSS', { baseline: bare, target: 90, about: 'baseline: a bare Node' }),
    figure('memory.broker', all.broker, 'MB PSS', {
      baseline: bare,
      target: bare + 15,
      about: 'target: a bare Node + 15',
    }),
    ...costs.map(([id, cost]) => figure(`memory.plugin.${id}`, cost, 'MB PSS', { about: 'enabled minus disabled' })),
  ]
}
