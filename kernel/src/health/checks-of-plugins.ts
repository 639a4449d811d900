import { type HealthReport, Joi, kernelHooks, type Message, type Scope } from '@nusantara/sdk'
import type { Hooks } from '../hooks/hooks.js'
import { type Finding, finding } from './finding.js'

const limitMs = 10_000

const message = Joi.object<Message>({ code: Joi.string().max(200).required(), params: Joi.object() })
const report = Joi.object<HealthReport>({
  name: Joi.string().max(100).required(),
  status: Joi.string().valid('ok', 'degraded', 'failed').required(),
  detail: message,
  remedy: message,
})

/**
 * What plugins find through `health.check`, in their own words. One that throws, hangs or answers something else is a
 * finding about that plugin, and keeps no other from being heard.
 */
export async function checkByPlugins(hooks: Hooks, scope: Scope, limit = limitMs): Promise<readonly Finding[]> {
  const settled = await hooks.settle(kernelHooks.health.check, scope, limit)
  return settled.flatMap(({ plugin, value, problem }) => {
    if (problem) return [broken(plugin, String(problem.params.reason ?? problem.code))]
    if (value === undefined) return []
    const { value: told, error } = report.validate(value)
    return [error ? broken(plugin, error.message) : fromPlugin(plugin, told)]
  })
}

function fromPlugin(plugin: string, { name, status, detail, remedy }: HealthReport): Finding {
  return {
    id: name.startsWith(`${plugin}.`) ? name : `${plugin}.${name}`,
    group: 'plugins',
    status: status === 'degraded' ? 'warning' : status,
    message: detail ?? { code: `health.check.${status}`, params: { name } },
    ...(remedy && status !== 'ok' && { remedy }),
    plugin,
  }
}

function broken(plugin: string, reason: string): Finding {
  return { ...finding('check', 'failed', { plugin, reason }, { variant: 'broken' }), id: `${plugin}.check`, plugin }
}
