import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Server } from './server.js'
import { until } from './until.js'

const preload = fileURLToPath(new URL('./pause-preload.js', import.meta.url))
const inServer = '/usr/local/lib/nusantara-pause.mjs'
const unit = 'nusantara-panel.service'
const home = '/var/lib/nusantara'

/** A boundary of a step, or (`step` empty) of the transaction that makes the job terminal. */
export interface Boundary {
  readonly type: string
  readonly step: string
  readonly moment: 'before-run' | 'after-run' | 'before-settle' | 'after-settle'
}

/** Makes the installed panel halt at boundaries of steps; only its environment differs from what users have. */
export async function preparePauses(server: Server): Promise<void> {
  await server.put(preload, inServer)
  const folder = `/etc/systemd/system/${unit}.d`
  await server.ok(['mkdir', folder])
  const text = `[Service]\nEnvironment=NODE_OPTIONS=--import=${inServer}\nWatchdogSec=0\n`
  await server.ok(['dd', `of=${folder}/pause.conf`, 'status=none'], { input: text })
  await server.ok(['systemctl', 'daemon-reload'])
  await server.ok(['systemctl', 'restart', unit])
}

export async function orderPause(server: Server, boundary: Boundary): Promise<void> {
  await server.ok(['dd', `of=${home}/pause-at.json.new`, 'status=none'], { input: JSON.stringify(boundary) })
  await server.ok(['chown', 'nusantara:', `${home}/pause-at.json.new`])
  await server.ok(['mv', `${home}/pause-at.json.new`, `${home}/pause-at.json`])
}

const halted = (server: Server) => existsSync(server.path(`${home}/paused`))

export function paused(server: Server, { step, moment }: Boundary): Promise<unknown> {
  return until(`the panel halting ${moment} ${step}`, () => halted(server))
}

/** Lets whoever still halts go on. */
export async function goOn(server: Server): Promise<void> {
  await rm(server.path(`${home}/paused`), { force: true })
  await rm(server.path(`${home}/pause-at.json`), { force: true })
}
