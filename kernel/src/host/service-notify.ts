import { spawn } from 'node:child_process'

/**
 * Tells the service manager how the process is (sd_notify(3)): `READY=1`, `STOPPING=1`, `WATCHDOG=1`. Does nothing where
 * nobody asked for it. Node has no datagram sockets for unix addresses, so systemd-notify(1) speaks; it is the one program
 * that the panel process starts.
 */
export function notifyService(state: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { NOTIFY_SOCKET } = env
  if (!NOTIFY_SOCKET) return Promise.resolve()
  return new Promise(resolve => {
    const child = spawn('/usr/bin/systemd-notify', [`--pid=${process.pid}`, '--', state], {
      cwd: '/',
      env: { NOTIFY_SOCKET, PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    })
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
}
