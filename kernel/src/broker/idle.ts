/** What an idle broker looks at: the end of the last thing it had to do. */
export interface Activity {
  /** True while somebody is connected, a request runs, a batch is open, or a change waits for its confirmation. */
  busy(): boolean
  /** Moment (performance.now()) at which somebody last came or went. */
  readonly lastSeen: number
}

/** Seconds without anything to do after which a broker that a service manager starts on demand leaves. */
export const defaultIdleSeconds = 60

/**
 * Calls `leave` once nothing was to do for the time. Both happen in one turn of the event loop: whoever stops listening in
 * `leave` at once has overlooked nobody, because a connection that is accepted is counted in the turn that accepts it.
 *
 * @returns stops looking
 */
export function leaveWhenIdle(activity: Activity, idleMs: number, leave: () => void): () => void {
  let timer: NodeJS.Timeout
  let quietSince = performance.now()
  const look = () => {
    const now = performance.now()
    if (activity.busy()) quietSince = now
    const quietMs = now - Math.max(quietSince, activity.lastSeen)
    if (quietMs >= idleMs) leave()
    else arm(activity.busy() ? idleMs / 4 : idleMs - quietMs)
  }
  const arm = (ms: number) => {
    timer = setTimeout(look, Math.ceil(ms))
  }
  arm(idleMs)
  return () => clearTimeout(timer)
}
