import type { Message, Plan } from '@nusantara/sdk'
import { bold, dim, green, inert, red, yellow } from './output.js'
import type { Text } from './texts.js'

/**
 * A plan as a person reviews it: the diffs, then what runs, then what is known only afterwards.
 *
 * @param sentence texts of kernel and plugins, from the panel
 */
export function renderPlan(plan: Plan, text: Text, sentence: (message: Message) => string): string {
  const lines = [bold(text('plan.title')), ...plan.steps.map(step => `  ${inert(sentence(step.summary))}`)]
  for (const file of plan.files) {
    if (file.action === 'none') continue
    lines.push('', `${bold(inert(file.action))} ${inert(file.path)}`, ...diff(file.diff))
    if (file.drift) lines.push(yellow(text('plan.drift')), ...diff(file.drift.diff))
  }
  for (const { operation, params } of plan.operations)
    lines.push(`${bold(text('plan.run'))} ${inert(operation)}${params ? ` ${inert(JSON.stringify(params))}` : ''}`)
  for (const { action, name, version } of plan.packages)
    lines.push(`${bold(inert(text(`plan.package.${action}`)))} ${inert(name)}${version ? ` ${inert(version)}` : ''}`)
  for (const { verb, service } of plan.services) lines.push(`${bold(inert(verb))} ${inert(service)}`)
  if (plan.late) lines.push(dim(text('plan.late')))
  lines.push('', dim(`${text('plan.hash')} ${plan.hash}`))
  return lines.join('\n')
}

function diff(text: string): string[] {
  return text.split('\n').map(line => {
    if (line.startsWith('+')) return green(inert(line))
    if (line.startsWith('-')) return red(inert(line))
    return dim(inert(line))
  })
}
