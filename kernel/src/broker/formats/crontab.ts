import type { Directive } from '@nusantara/sdk'
import { printable } from './characters.js'
import { type Format, FormatError, fill, notice, type Rendered } from './format.js'
import { lineValue, meaningful, plainName, unquoted } from './lines.js'

/** crontab(5): `entry` is a schedule and the words of a command; `variable` is a name and its value. */
const field = /^[0-9A-Za-z*][0-9A-Za-z*,/-]*$/
const nickname = /^@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)$/
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/
const bare = /^[A-Za-z0-9_@+:,./-][A-Za-z0-9_@+=:,./-]*$/

/**
 * A word of the command, for the shell that cron runs. `%` ends a command for cron even in quotes and is escaped for it;
 * a backslash is read differently by different crons and is refused.
 */
function word(text: string): string {
  if (printable(text).includes('\\'))
    throw new FormatError('contains a backslash, which crons read differently; remove it')
  if (bare.test(text)) return text
  return `'${text.replaceAll("'", `'"'"'`).replaceAll('%', '\\%')}'`
}

function schedule(args: readonly string[]): {
  readonly fields: readonly string[]
  readonly command: readonly string[]
} {
  const first = args[0] ?? ''
  const count = nickname.test(first) ? 1 : 5
  const fields = args.slice(0, count)
  if (count === 5 && (fields.length < 5 || !fields.every(value => field.test(value))))
    throw new FormatError(`'${fields.join(' ')}' is not a schedule; give five fields or one of @daily, @hourly …`)
  const command = args.slice(count)
  if (!command.length || command[0] === '') throw new FormatError('an entry needs a command after its schedule')
  return { fields, command }
}

function line(directive: Rendered, revision: string): string {
  if (directive.block) throw new FormatError(`'${directive.name}' has a block; crontabs have none`)
  const args = fill(directive.args, revision)
  if (directive.name === 'entry') {
    const { fields, command } = schedule(args.map(arg => arg.text))
    return [...fields, ...command.map(word)].join(' ')
  }
  const [name, value] = args
  if (directive.name !== 'variable' || !name || !value || args.length !== 2)
    throw new FormatError(`'${directive.name}' is neither an entry nor a variable with name and value`)
  return `${plainName(name.text, variable, 'variable name')}=${lineValue(value, /^[A-Za-z0-9_./:@+-]+$/)}`
}

function words(text: string, number: number): string[] {
  const out: string[] = []
  const pattern = /[ \t]*((?:'[^']*'|"[^"]*"|[^ \t'"])+)(?=[ \t]|$)/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (!match?.[1]) throw new FormatError(`line ${number}: a quote is not closed`)
    const parts = match[1].match(/'[^']*'|"[^"]*"|[^'"]+/g) ?? []
    out.push(
      parts
        .map(part => (/^['"]/.test(part) ? part.slice(1, -1) : part))
        .join('')
        .replaceAll('\\%', '%'),
    )
  }
  return out
}

/** Crontabs, of a user or (with the user as the first word of the command) of the system. */
export const crontab: Format = {
  serialize: (tree, revision) =>
    [`# ${notice}`, ...tree.map(directive => line(directive, revision))].map(text => `${text}\n`).join(''),
  parse(text) {
    const tree: Directive[] = []
    for (const { line: content, number } of meaningful(text, /^#/)) {
      const pair = /^([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/.exec(content)
      tree.push(
        pair?.[1]
          ? { name: 'variable', args: [pair[1], unquoted(pair[2] ?? '', number)] }
          : { name: 'entry', args: words(content, number) },
      )
    }
    return tree
  },
}
