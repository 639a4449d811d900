import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestPanel } from '../../kernel/dist/testing/index.js'
import { inRoot } from '../lib/paths.mjs'
import { figure, median } from './report.mjs'

export const names = ['start.first_answer', 'memory.panel', 'memory.broker', 'memory.plugin.sites']

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
async function atRest(plugins) {
  const panel = await createTestPanel({ plugins, processes: true })
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
async function firstAnswer(plugins) {
  const panel = await createTestPanel({ plugins, processes: true })
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

export async function measure() {
  process.env.NODE_COMPILE_CACHE ??= inRoot('node_modules/.cache/compile')
  const sites = inRoot('plugins/sites')
  const without = await atRest([])
  const all = await atRest([sites])
  const { bare } = all
  return [
    figure('start.first_answer', await firstAnswer([sites]), 'ms', {
      target: 600,
      about: 'process start to first answer',
    }),
    figure('memory.panel', all.panel, 'MB PSS', { baseline: bare, target: 90, about: 'baseline: a bare Node' }),
    figure('memory.broker', all.broker, 'MB PSS', {
      baseline: bare,
      target: bare + 15,
      about: 'target: a bare Node + 15',
    }),
    figure('memory.plugin.sites', all.panel - without.panel, 'MB PSS', { about: 'enabled minus disabled' }),
  ]
}
