import { fileURLToPath } from 'node:url'
import { describeRouteMatrix } from '@nusantara/kernel/testing/harness'

const sites = fileURLToPath(new URL('../../plugins/sites', import.meta.url))

describeRouteMatrix({
  plugins: [sites],
  async prepare(panel) {
    const { body } = await panel
      .as('admin')
      .post('/sites', { domain: 'owned.example.test', runtime: { type: 'static' } })
    await panel.waitForJob(body.job.id)
    return { site: body.id }
  },
})
