import { getHeapSpaceStatistics } from 'node:v8'
import type { Inventory, TestPanel } from '@nusantara/sdk/testing'

export interface CycleReport {
  readonly cycles: number
  /** Registered things after the first and after the last cycle; equal when nothing leaks. */
  readonly before: Counts
  readonly after: Counts
  /** Bytes that objects on the heap grow by over the cycles, or undefined without `--expose-gc`. */
  readonly heapGrowth: number | undefined
  /** Milliseconds for one disable and enable. */
  readonly medianMs: number
}

/** How often the heap is looked at. */
const looks = 10

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
  const heap = [collectedHeap()]
  for (let look = 0; look < looks; look++) {
    await run(Math.round(cycles / looks))
    heap.push(collectedHeap())
  }
  const after = count(panel.inventory())
  return { cycles, before, after, heapGrowth: growth(heap), medianMs: median(times) }
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

/** What objects take. Machine code comes and goes as the engine sees fit. */
function collectedHeap(): number | undefined {
  if (!globalThis.gc) return undefined
  globalThis.gc()
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !/^(?:code|trusted)/.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)
}

/**
 * Growth from the first look to the last by the median of the slopes between all pairs (Theil and Sen): the engine lets
 * go of a megabyte of what it knew about cold code at one moment or another, which is no trend.
 */
function growth(heap: readonly (number | undefined)[]): number | undefined {
  const slopes = heap.flatMap((first, from) =>
    heap
      .slice(from + 1)
      .flatMap((second, steps) =>
        first === undefined || second === undefined ? [] : [(second - first) / (steps + 1)],
      ),
  )
  return slopes.length ? median(slopes) * (heap.length - 1) : undefined
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
