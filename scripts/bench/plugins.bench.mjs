import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { greedy, writePlugin } from '../../kernel/dist/plugins/plugin-fixtures.js'
import { createTestPanel, cyclePlugin } from '../../kernel/dist/testing/index.js'
import { figure } from './report.mjs'

export const names = ['plugins.cycles.500', 'plugins.cycles.heap', 'plugins.cycle']

const cycles = 500
/** Until caches are full and code is compiled; what grows after that is a leak. */
const warmUp = 300
/** Enabled and disabled 500 times: less than this for each is noise of the collector. */
const heapLimit = 1024 * 1024

/** A plugin that takes one of everything a context offers, disabled and enabled over and over. */
export async function measure() {
  setFlagsFromString('--expose-gc')
  globalThis.gc ??= runInNewContext('gc')
  const directory = await mkdtemp(join(tmpdir(), 'nusa-bench-plugins-'))
  const plugin = await writePlugin(directory, { id: 'greedy', permissions: { 'greedy:read': {} }, start: greedy })
  const panel = await createTestPanel({ plugins: [plugin] })
  try {
    const { before, after, heapGrowth, medianMs } = await cyclePlugin(panel, 'greedy', cycles, warmUp)
    const more = Object.keys(before).filter(kind => after[kind] !== before[kind])
    return [
      figure('plugins.cycles.500', more.length, 'kinds', {
        target: 0,
        about: `kinds of registrations that changed their count${more.length ? `: ${more.join(', ')}` : ''}`,
      }),
      figure('plugins.cycles.heap', heapGrowth / 1024, 'KiB', {
        target: heapLimit / 1024,
        about: `growth of the heap over ${cycles} cycles more`,
      }),
      figure('plugins.cycle', medianMs, 'ms', { about: 'one disable and enable' }),
    ]
  } finally {
    await panel.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
