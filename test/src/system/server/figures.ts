import { readFile } from 'node:fs/promises'
import type { Server } from './server.js'

/** Proportional memory of all processes of a unit in MB; 0 when none runs. @param unit a name, or a pattern of many */
export async function memoryOf(server: Server, unit: string): Promise<number> {
  const shown = await server.ok(['systemctl', 'show', '--property=ControlGroup', '--value', unit])
  let kib = 0
  for (const group of shown.split('\n').filter(Boolean)) {
    // A unit that has ended may name a group that is no more.
    const processes = await server.read(`/sys/fs/cgroup${group}/cgroup.procs`).catch(() => '')
    // As this machine numbers them, which reads the file.
    for (const pid of processes.split('\n').filter(Boolean)) {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
      kib += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1])
    }
  }
  return kib / 1024
}

/** Milliseconds until whoever opens this address has the page; a service that does not run is started by its socket. */
export async function pageTime(server: Server, url: string): Promise<number> {
  const began = performance.now()
  const { status, body } = await server.fetch(url, { headers: { accept: 'text/html' } })
  const took = performance.now() - began
  if (status !== 200 || !body.includes('<html')) throw new Error(`${url} answered ${status}: ${body.slice(0, 500)}`)
  return took
}

/** Bytes of all archives that apt would install: what is asked for, and what the server lacks of its dependencies. */
export async function downloadOf(server: Server, argv: readonly string[]): Promise<number> {
  // Each line: 'URI' file size checksum.
  const printed = await server.ok([...argv, '--print-uris', '--quiet=2'])
  return printed
    .trim()
    .split('\n')
    .reduce((total, line) => total + Number(line.split(' ')[2]), 0)
}

/** What `systemd-analyze security` thinks of a unit: 0 is closed, 10 is open. */
export async function exposureOf(server: Server, unit: string): Promise<number> {
  const { stdout } = await server.run(['systemd-analyze', 'security', '--no-pager', unit])
  const level = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]
  if (!level) throw new Error(`systemd-analyze says nothing of ${unit}:\n${stdout}`)
  return Number(level)
}

/** Prints figures below the test that measured them. */
export function printFigures(title: string, figures: Readonly<Record<string, string>>): void {
  const width = Math.max(...Object.keys(figures).map(name => name.length))
  process.stdout.write(`      ${title}\n`)
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`        ${name.padEnd(width)}  ${value}\n`)
}
