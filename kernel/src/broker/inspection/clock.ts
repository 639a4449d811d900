import { existsSync } from 'node:fs'
import { fixedEnvironment } from '../command.js'

/** systemd-timesyncd(8) makes it once it has set the clock. */
const synchronized = '/run/systemd/timesync/synchronized'
const booted = '/run/systemd/system'

/** Whether something keeps this machine's clock right; undefined where nothing that can be asked knows. */
export async function clockSynchronized(timedatectl = '/usr/bin/timedatectl'): Promise<boolean | undefined> {
  if (existsSync(synchronized)) return true
  // Without systemd as pid 1 nobody would answer.
  if (!existsSync(booted) || !existsSync(timedatectl)) return undefined
  const { execa } = await import('execa')
  const { stdout, failed } = await execa(timedatectl, ['show', '--property=NTPSynchronized', '--value'], {
    reject: false,
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout: 10_000,
    maxBuffer: 4_096,
    cwd: '/',
  })
  return failed ? undefined : stdout.trim() === 'yes'
}
