import type { Server } from './server.js'

/** Proportional memory of a unit's processes in MB; 0 when none runs. */
export async function memoryOf(server: Server, unit: string): Promise<number> {
  const main = Number(await server.ok(['systemctl', 'show', '--property=MainPID', '--value', unit]))
  if (main === 0) return 0
  const rollup = await server.ok(['cat', `/proc/${main}/smaps_rollup`])
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) / 1024
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
