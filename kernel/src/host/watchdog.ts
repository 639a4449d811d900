import { notifyService } from './service-notify.js'

/**
 * Tells the service manager that the event loop turns (sd_watchdog_enabled(3)), twice in the time it allows. A loop that
 * hangs says nothing and is ended. Does nothing where nobody watches.
 *
 * @returns stops it
 */
export function keepWatchdog(
  env: NodeJS.ProcessEnv = process.env,
  notify: (state: string) => Promise<void> = state => notifyService(state, env),
): () => void {
  const allowedMs = Number(env.WATCHDOG_USEC) / 1000
  const mine = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid
  if (!(allowedMs > 0) || !mine) return () => {}
  let telling = false
  const timer = setInterval(async () => {
    // A manager that does not listen gets no queue of processes.
    if (telling) return
    telling = true
    await notify('WATCHDOG=1')
    telling = false
  }, allowedMs / 2)
  timer.unref()
  return () => clearInterval(timer)
}
