import { StartedPanel } from '../../test/dist/start/started-panel.js'
import { figure, median } from './report.mjs'

export const names = ['start.again']

/** `npm start` with everything in place, until the link is printed: check of the build, broker, panel. */
export async function measure() {
  const panel = await StartedPanel.prepare()
  try {
    await panel.start()
    const values = []
    for (let round = 0; round < 5; round++) {
      await panel.stop()
      const started = performance.now()
      await panel.start()
      values.push(performance.now() - started)
    }
    return [
      figure('start.again', median(values), 'ms', {
        target: 3000,
        about: 'start script to printed link, everything in place',
      }),
    ]
  } finally {
    await panel.remove()
  }
}
