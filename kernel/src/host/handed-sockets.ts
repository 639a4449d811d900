/** Descriptors of listening sockets by the name that their socket unit gives them (`FileDescriptorName=`). */
export type HandedSockets = ReadonlyMap<string, readonly number[]>

const firstDescriptor = 3

/**
 * The listening sockets that a service manager hands over (sd_listen_fds(3)); empty where none does. The variables are taken
 * out of the environment, so that no child takes them for its own. Node marks inherited descriptors close-on-exec by itself.
 *
 * @throws Error when the variables contradict each other
 */
export function takeHandedSockets(env: NodeJS.ProcessEnv, pid = process.pid): HandedSockets {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env
  delete env.LISTEN_PID
  delete env.LISTEN_FDS
  delete env.LISTEN_FDNAMES
  const sockets = new Map<string, number[]>()
  if (LISTEN_FDS === undefined || Number(LISTEN_PID) !== pid) return sockets
  const count = Number(LISTEN_FDS)
  const names = (LISTEN_FDNAMES ?? '').split(':')
  if (!Number.isInteger(count) || count < 0 || (count > 0 && names.length !== count))
    throw new Error(`LISTEN_FDS=${LISTEN_FDS} and LISTEN_FDNAMES=${LISTEN_FDNAMES} do not agree; start it by its unit`)
  for (let index = 0; index < count; index++) {
    const name = names[index] as string
    sockets.set(name, [...(sockets.get(name) ?? []), firstDescriptor + index])
  }
  return sockets
}
