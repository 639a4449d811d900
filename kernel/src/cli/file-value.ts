import { readFileSync } from 'node:fs'
import { usage } from './exit-codes.js'

const mostBytes = 1024 * 1024

/**
 * What a flag's value means: `@path` is the text of that file and `@-` of standard input, so that no secret and no long text
 * has to stand on a command line, where every user of the machine may read it. `@@` begins a value with one `@`.
 *
 * @throws CliError `usage` when the file cannot be read
 */
export function textOf(flag: string, value: string): string {
  if (value.startsWith('@@')) return value.slice(1)
  if (!value.startsWith('@') || value === '@') return value
  const file = value.slice(1)
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw usage('flag_file', { flag, file, reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' })
  }
  if (text.length > mostBytes) throw usage('flag_file', { flag, file, reason: `> ${mostBytes} B` })
  // Editors end a line; a secret of one line has none.
  return text.replace(/\r?\n$/, '')
}
