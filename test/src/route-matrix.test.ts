import { fileURLToPath } from 'node:url'
import { describeRouteMatrix } from '@nusantara/kernel/testing/harness'

const plugin = (id: string) => fileURLToPath(new URL(`../../plugins/${id}`, import.meta.url))

describeRouteMatrix({
  plugins: [plugin('sites'), plugin('ssl'), plugin('stack')],
  async prepare(panel) {
    const { body } = await panel
      .as('admin')
      .post('/sites', { domain: 'owned.example.test', runtime: { type: 'static' } })
    await panel.waitForJob(body.job.id)
    return { site: body.id }
  },
})
