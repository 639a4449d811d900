import { writePlugin } from '@nusantara/kernel/testing/harness'

const start = `
  const { Joi, defineJob, object, reveal } = sdk
  const job = (name, run) => {
    const definition = defineJob({ type: 'walker.' + name, version: 1, input: object({}) }).step('only', { run, onCrash: 'replay' })
    ctx.jobs.define(definition, undefined)
    ctx.http.route({ operation: 'walker.' + name, method: 'POST', path: '/' + name, permission: 'walker:use', summary: 'Walk',
      change: true, audit: false, handler: request => ctx.jobs.submit(definition, {}, { request }) })
  }
  job('secret', async () => ({ password: reveal('kettle drum on a rainy roof') }))
  job('fails', async () => { throw new Error('as it should') })
  job('waits', ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))))
  ctx.http.route({ operation: 'walker.tell', method: 'POST', path: '/tell', permission: 'walker:use', summary: 'Tell', status: 204,
    handler: ({ actor }) => ctx.notify({ code: 'walker.told', severity: 'info', target: { user: actor.userId } }) })
`

/** A plugin with a job that holds a secret, one that fails, one that waits until it is cancelled, and something to tell. */
export function writeWalker(parent: string): Promise<string> {
  const locale = { 'walker.told': 'Told.', 'walker.title': 'Walker' }
  return writePlugin(parent, {
    id: 'walker',
    permissions: { 'walker:use': {} },
    start,
    locales: { en: locale, id: locale },
  })
}
