import { stripVTControlCharacters } from 'node:util'
import type { Plan } from '@nusantara/sdk'

const colour = (code: number) => (text: string) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text
export const red = colour(31)
export const green = colour(32)
export const yellow = colour(33)
export const dim = colour(2)
export const bold = colour(1)

/** Text of others on a terminal: control codes are data there, not commands. */
export function inert(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

/** Lists as columns, single things as lines of key and value. */
export function render(value: unknown): string {
  if (value === undefined || value === '' || value === null) return ''
  if (typeof value === 'string') return inert(value)
  const list = rows(value)
  if (list) return table(list)
  return keyValues(value as Record<string, unknown>)
}

function rows(value: unknown): Record<string, unknown>[] | undefined {
  if (Array.isArray(value))
    return value.map(item =>
      typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : { value: item },
    )
  const items = (value as { items?: unknown }).items
  return Array.isArray(items) ? (items as Record<string, unknown>[]) : undefined
}

function table(list: readonly Record<string, unknown>[]): string {
  const first = list[0]
  if (!first) return dim('(none)')
  const columns = Object.keys(first).filter(key => list.some(row => isShort(row[key])))
  const cells = [
    columns.map(column => column.toUpperCase()),
    ...list.map(row => columns.map(column => cell(row[column]))),
  ]
  const widths = columns.map((_, index) => Math.min(60, Math.max(...cells.map(line => (line[index] ?? '').length))))
  return cells
    .map((line, index) => {
      const text = line
        .map((part, column) => part.slice(0, 60).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
      return index === 0 ? dim(text) : text
    })
    .join('\n')
}

function keyValues(value: Record<string, unknown>): string {
  const width = Math.max(...Object.keys(value).map(key => key.length), 0)
  return Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined)
    .map(([key, item]) => `${dim(key.padEnd(width))}  ${cell(item)}`)
    .join('\n')
}

function isShort(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Array.isArray(value) && value.every(item => typeof item !== 'object'))
  )
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return inert(value).replaceAll('\n', ' ')
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return inert(value.join(', '))
  return inert(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** A plan as a person reviews it: the diffs, then what runs, then what is known only afterwards. */
export function renderPlan(
  plan: Plan,
  sentence: (message: { code: string; params?: Readonly<Record<string, unknown>> }) => string,
): string {
  const lines = [bold('Plan'), ...plan.steps.map(step => `  ${sentence(step.summary)}`)]
  for (const file of plan.files) {
    if (file.action === 'none') continue
    lines.push('', `${bold(file.action)} ${file.path}`, ...file.diff.split('\n').map(diffLine))
    if (file.drift)
      lines.push(yellow('edited by hand since it was last applied:'), ...file.drift.diff.split('\n').map(diffLine))
  }
  for (const operation of plan.operations)
    lines.push(`${bold('run')} ${operation.operation}${operation.params ? ` ${JSON.stringify(operation.params)}` : ''}`)
  for (const item of plan.packages)
    lines.push(`${bold(item.action)} package ${item.name}${item.version ? ` ${item.version}` : ''}`)
  for (const service of plan.services) lines.push(`${bold(service.verb)} ${service.service}`)
  if (plan.late) lines.push(dim('Part of the outcome is known only when it runs.'))
  lines.push('', dim(`plan ${plan.hash}`))
  return lines.join('\n')
}

function diffLine(line: string): string {
  const text = inert(line)
  if (line.startsWith('+')) return green(text)
  if (line.startsWith('-')) return red(text)
  return dim(text)
}
