import type { TestPanel } from '@nusantara/sdk/testing'
import { ask, refuse } from './ask.js'

const reads = [
  '/healthz',
  '/metrics',
  '/health',
  '/server',
  '/overview',
  '/search?q=walk',
  '/auth/preferences',
  '/setup',
  '/shell',
  '/messages/id',
  '/openapi.json',
  '/schedules',
  '/schedules/kernel/retention',
  '/settings',
  '/audit?limit=3',
  '/audit/verify',
  '/audit/export',
  '/audit/segments',
]

/** What an administrator reads of the panel itself, its audit log, its settings and its plugins. */
export async function askForKernel(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  for (const path of reads) await ask(admin, `GET ${path}`)
  await ask(admin, 'POST /schedules/kernel/retention/run')
  await refuse(admin, 'POST /schedules/kernel/nothing/run', 404)
  const checkpoint = await ask(admin, 'POST /audit/checkpoint')
  await ask(admin, 'POST /audit/verify', { checkpoint })
  await ask(admin, 'POST /audit/seal', { before: '2026-01-01T00:00:00.000Z' })
  for (const { plugin } of (await ask(admin, 'GET /settings')).items) {
    await ask(admin, `GET /settings/${plugin}`)
    await ask(admin, `PATCH /settings/${plugin}`, {})
  }
  for (const path of ['/plugins', '/plugins/walker', '/plugins/walker/privileges']) await ask(admin, `GET ${path}`)
  await ask(admin, 'POST /plugins/walker/disable')
  await ask(admin, 'POST /plugins/walker/enable')
  await ask(admin, 'PUT /auth/preferences/walks', { value: ['here', 'there'] })
  await refuse(admin, 'PUT /auth/preferences/Walks', 422, { value: 1 })
  await refuse(admin, 'GET /plugins/absent', 404)
  await refuse(admin, 'GET /audit?limit=0', 422)
}
