import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { ask, refuse } from './ask.js'

const domain = 'walk.example.test'

/** A site from its making to its end, each change planned and made; its history; an edit by hand. */
export async function askForSites(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  const change = async (what: string, body?: unknown) => {
    await ask(admin, `${what}${what.includes('?') ? '&' : '?'}dry_run=true`, body)
    const answer = await ask(admin, what, body)
    const job = await panel.waitForJob(answer.job.id)
    if (job.state !== 'succeeded') throw new Error(`${what} ended ${job.state}: ${JSON.stringify(job.problem)}`)
    return answer
  }
  await ask(admin, 'GET /sites/runtimes')
  const { id } = await change('POST /sites', { domain, runtime: { type: 'static' } })
  await refuse(admin, 'POST /sites', 409, { domain, runtime: { type: 'static' } })
  await change(`PATCH /sites/${id}`, { aliases: [`www.${domain}`] })
  await change(`PUT /sites/${id}/directives`, { directives: 'add_header X-Walk "yes";' })
  for (const path of ['/sites', `/sites/${id}`, `/sites/${id}/logs`, '/changes']) await ask(admin, `GET ${path}`)
  const [newest] = (await ask(admin, 'GET /changes')).items
  await ask(admin, `GET /changes/${newest.id}`)
  await change(`POST /changes/${newest.id}/rollback`)
  const { tenant } = await ask(admin, `GET /sites/${id}`)
  await appendFile(join(panel.home, `etc/nginx/nusantara.d/${tenant}.conf`), '# by hand\n')
  const [edited] = (await ask(admin, 'GET /drift')).items
  await ask(admin, 'POST /drift', { plugin: edited.plugin, path: edited.path, action: 'discard', hash: edited.hash })
  await change(`POST /sites/${id}/suspend`, {})
  await change(`POST /sites/${id}/resume`)
  await change('POST /sites/apply', {})
  await change(`DELETE /sites/${id}?confirm=${domain}`)
  await refuse(admin, `GET /sites/${id}`, 404)
}

/** What is installed, and an installation that finds everything there. */
export async function askForStack(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  for (const path of ['/stack', '/stack/components/nginx']) await ask(admin, `GET ${path}`)
  await refuse(admin, 'GET /stack/components/nothing', 404)
  await refuse(admin, 'POST /stack/install', 422, { components: ['nothing'] })
  await ask(admin, 'POST /stack/install?dry_run=true', { components: ['nginx'] })
  const { job } = await ask(admin, 'POST /stack/install', { components: ['nginx'] })
  await panel.waitForJob(job.id)
}

/** Jobs that end in each way, what they leave to read, and what a plugin tells. */
export async function askForJobs(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  const submit = async (name: string): Promise<string> => {
    await ask(admin, `POST /walker/${name}?dry_run=true`)
    return (await ask(admin, `POST /walker/${name}`)).job.id
  }
  const waits = await submit('waits')
  await ask(admin, `POST /jobs/${waits}/cancel`)
  await panel.waitForJob(waits)
  const fails = await submit('fails')
  await panel.waitForJob(fails)
  await ask(admin, `POST /jobs/${fails}/retry`)
  await panel.waitForJob(fails)
  const secret = await submit('secret')
  await panel.waitForJob(secret)
  await ask(admin, `POST /jobs/${secret}/reveal`)
  await refuse(admin, `POST /jobs/${secret}/reveal`, 410)
  for (const path of ['', `/${fails}`, `/${waits}`, `/${secret}`, `/${fails}/log`]) await ask(admin, `GET /jobs${path}`)
  await ask(admin, 'POST /walker/tell')
  const [told] = (await ask(admin, 'GET /notifications')).items
  await ask(admin, `POST /notifications/${told.id}/read`)
  await ask(admin, 'POST /notifications/read')
}
