import { stripVTControlCharacters } from 'node:util'

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

/** A single thing as lines of key and value. */
export function keyValues(value: Record<string, unknown>): string {
  const width = Math.max(...Object.keys(value).map(key => key.length), 0)
  return Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined)
    .map(([key, item]) => `${dim(key.padEnd(width))}  ${cell(item)}`)
    .join('\n')
}

/** A value on one line. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return oneLine(value.join(', '))
  return oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** What an object is called, where it says so: its text, its name, or what kind it is. */
export function named(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { text, name, type } = value as Record<string, unknown>
  return [text, name, type].find(part => typeof part === 'string') ?? value
}

const oneLine = (text: string) => inert(text).replace(/\s*[\n\t]\s*/g, ' ')
