import type { PluginContext } from '@nusantara/sdk'
import type { Logger } from 'pino'
import type { Lifetime } from './lifetime.js'

/** Timers that are cleared at stop, do not keep the process alive, and whose failures are blamed instead of ending it. */
export function pluginTimers(lifetime: Lifetime, log: Logger): PluginContext['timers'] {
  const running = new Set<NodeJS.Timeout>()
  lifetime.own(() => {
    for (const timer of running) clearTimeout(timer)
    running.clear()
  })
  const guarded = async (run: () => unknown) => {
    try {
      await run()
    } catch (error) {
      log.error({ err: error }, `a timer of plugin ${lifetime.plugin} failed`)
    }
  }
  return {
    setTimeout: (run, ms) => {
      const timer = setTimeout(() => {
        running.delete(timer)
        void guarded(run)
      }, ms).unref()
      running.add(timer)
    },
    setInterval: (run, ms) => {
      running.add(setInterval(() => void guarded(run), ms).unref())
    },
  }
}
