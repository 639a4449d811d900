import type { Inventory, TestPanel } from '@nusantara/sdk/testing'

export interface CycleReport {
  readonly cycles: number
  /** Registered things after the first and after the last cycle; equal when nothing leaks. */
  readonly before: Counts
  readonly after: Counts
  /** Bytes of heap in use after a collection, or undefined without `--expose-gc`. */
  readonly heapBefore: number | undefined
  readonly heapAfter: number | undefined
  /** Milliseconds for one disable and enable. */
  readonly medianMs: number
}

export type Counts = Readonly<
  Record<'routes' | 'streams' | 'taps' | 'jobs' | 'schedules' | 'services' | 'panels' | 'timers', number>
>

/**
 * Disables and enables a plugin that runs, over and over.
 *
 * @param panel in this process
 * @param warmUp cycles before the first count: caches fill, code is compiled
 */
export async function cyclePlugin(panel: TestPanel, plugin: string, cycles: number, warmUp = 3): Promise<CycleReport> {
  const times: number[] = []
  const run = async (count: number) => {
    for (let cycle = 0; cycle < count; cycle++) {
      const began = performance.now()
      await post(panel, plugin, 'disable')
      await post(panel, plugin, 'enable')
      times.push(performance.now() - began)
    }
  }
  await run(warmUp)
  times.length = 0
  const before = count(panel.inventory())
  const heapBefore = collectedHeap()
  await run(cycles)
  const after = count(panel.inventory())
  const heapAfter = collectedHeap()
  const medianMs = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  return { cycles, before, after, heapBefore, heapAfter, medianMs }
}

async function post(panel: TestPanel, plugin: string, verb: 'enable' | 'disable'): Promise<void> {
  const { status, text } = await panel.as('admin').post(`/plugins/${plugin}/${verb}`)
  if (status !== 200) throw new Error(`POST /plugins/${plugin}/${verb} answered ${status}: ${text}`)
}

function count(inventory: Inventory): Counts {
  return {
    routes: inventory.routes.length,
    streams: inventory.streams.length,
    taps: inventory.taps.length,
    jobs: inventory.jobs.length,
    schedules: inventory.schedules,
    services: inventory.services,
    panels: inventory.panels.length,
    timers: inventory.handles.Timeout ?? 0,
  }
}

function collectedHeap(): number | undefined {
  if (!globalThis.gc) return undefined
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
