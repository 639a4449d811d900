import type { Directive } from '@nusantara/sdk'
import { printable, withVariables } from './characters.js'
import { type Format, FormatError, fill, notice, type Rendered, type RenderedArgument } from './format.js'
import { meaningful, plainName } from './lines.js'

/**
 * systemd unit files (systemd.syntax(7)): words after `=` are separated by blanks, `%` begins a specifier and is
 * doubled, `\` continues lines and escapes, so it is refused.
 */
function word(argument: RenderedArgument): string {
  const text = withVariables(printable(argument.text), argument.variables)
  if (/["'\\]/.test(text))
    throw new FormatError('contains a quote or a backslash; a unit file cannot hold them without doubt')
  if (text === ';') throw new FormatError("is ';' alone, which separates commands in a unit; remove it")
  const escaped = text.replaceAll('%', '%%')
  return !argument.quote && /^[^\s#;]+$/u.test(text) ? escaped : `"${escaped}"`
}

function entry(directive: Rendered, revision: string): string {
  if (directive.block) throw new FormatError(`'${directive.name}' has a block inside a section; units have one level`)
  const words = fill(directive.args, revision).map(word)
  return `${plainName(directive.name, /^[A-Za-z][A-Za-z0-9-]*$/, 'setting')}=${words.join(' ')}`
}

function words(value: string, number: number): string[] {
  const out: string[] = []
  const pattern = /[ \t]*(?:"([^"]*)"|([^ \t"]+))(?=[ \t]|$)/y
  while (pattern.lastIndex < value.length) {
    const match = pattern.exec(value)
    if (!match) throw new FormatError(`line ${number}: a quote is not closed`)
    out.push((match[1] ?? match[2] ?? '').replaceAll('%%', '%'))
  }
  return out
}

/** systemd units: sections of `Key=words`. */
export const unit: Format = {
  serialize(tree, revision) {
    const lines = [`# ${notice}`]
    for (const section of tree) {
      if (!section.block || section.args.length)
        throw new FormatError(`'${section.name}' must be a section without arguments`)
      lines.push('', `[${plainName(section.name, /^[A-Za-z][A-Za-z0-9-]*$/, 'section')}]`)
      for (const inner of section.block) lines.push(entry(inner, revision))
    }
    return `${lines.join('\n')}\n`
  },
  parse(text) {
    const tree: Directive[] = []
    let target: Directive[] | null = null
    for (const { line, number } of meaningful(text, /^[;#]/)) {
      const header = /^\[([^\]]+)\]$/.exec(line)
      if (header?.[1]) {
        target = []
        tree.push({ name: header[1], args: [], block: target })
        continue
      }
      const pair = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*=[ \t]*(.*)$/.exec(line)
      if (!pair?.[1] || !target) throw new FormatError(`line ${number}: not 'Key=value' inside a section`)
      target.push({ name: pair[1], args: words(pair[2] ?? '', number) })
    }
    return tree
  },
}
