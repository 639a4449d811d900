import { fileURLToPath } from 'node:url'
import type { BrokerHome } from '../../testing/broker-process.js'
import type { Step } from '../deps.js'
import { openBench, vhost } from './bench.test.js'

/** What the harness process is told on its command line. */
export interface Doom {
  readonly home: Pick<BrokerHome, 'directory' | 'config' | 'configFile'>
  readonly step: Step
  /** Which time the step is reached. */
  readonly nth: number
  readonly changeId: string
}

/** Applies a batch of two changes in a process of its own, which ends itself by SIGKILL at the step. */
async function run({ home, step, nth, changeId }: Doom): Promise<void> {
  let seen = 0
  const onStep = (reached: Step) => {
    if (reached === step && ++seen === nth) process.kill(process.pid, 'SIGKILL')
  }
  const web = await openBench({ ...home, plugin: () => '', remove: () => {} }, { onStep })
  await Promise.all([
    web.apply('site1', { files: { vhost: vhost('site1', { size: '2m' }) } }, { changeId }),
    web.apply('site2', {}, { changeId: `${changeId}-b` }),
    web.apply('site3', { files: { vhost: null } }, { changeId: `${changeId}-c` }),
  ])
  process.stdout.write('done\n')
  await web.release()
}

export const harness = fileURLToPath(import.meta.url)
if (process.argv[1] === harness) await run(JSON.parse(process.argv[2] as string) as Doom)
