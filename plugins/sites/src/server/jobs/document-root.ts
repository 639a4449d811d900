import type { PlanPart, StepContext } from '@nusantara/sdk'
import type { Site } from '../../api.js'
import { WelcomeFailed } from '../errors.js'
import { welcomePage } from '../welcome-page.js'
import { callOf } from './call.js'

type Context = Pick<StepContext<unknown, unknown, unknown>, 'actor' | 'job' | 'signal' | 'broker'>

export function documentRootPlan(site: Site): PlanPart {
  const params = { documentRoot: site.documentRoot }
  return {
    summary: { code: 'sites.plan.document_root', params: { path: site.documentRoot } },
    operations: [
      { operation: 'documentRoot.create', params, risk: 'low' },
      { operation: 'welcome.write', params, risk: 'low' },
    ],
  }
}

/** Makes the folder and, when it has no index.html, a page that says the site works. As the tenant; overwrites nothing. */
export async function makeDocumentRoot(context: Context, site: Site): Promise<void> {
  const { broker } = context
  const call = { ...callOf(context), tenant: site.tenant, params: { documentRoot: site.documentRoot } }
  await broker.run('documentRoot.create', call)
  const { exitCode, stderr } = await broker.run('welcome.write', {
    ...call,
    input: welcomePage(site, context.actor.locale),
  })
  // conv=excl: an existing page is the only failure that is none.
  if (exitCode !== 0 && !stderr.includes('File exists'))
    throw WelcomeFailed({ domain: site.domain, reason: stderr.trim().slice(0, 300) })
}
