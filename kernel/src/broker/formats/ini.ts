import type { Directive } from '@nusantara/sdk'
import { type Format, FormatError, fill, notice, type Rendered } from './format.js'
import { lineValue, meaningful, onlyArgument, plainName, unquoted } from './lines.js'

const key = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\[[A-Za-z0-9_.-]+\])?$/
const section = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/
/** Readers of ini files give meaning to `; # $ | & ~ ! ( ) ^ { } =` and blanks: they stand in quotes. */
const bare = /^[A-Za-z0-9_./:,@%+*-]+$/

function entry(directive: Rendered, revision: string): string {
  const argument = onlyArgument({ ...directive, args: fill(directive.args, revision) })
  return `${plainName(directive.name, key, 'key')} = ${lineValue(argument, bare)}`
}

/** Sections of `key = value`. A section is a directive with a block; entries before the first section stand at the top. */
export const ini: Format = {
  serialize(tree, revision) {
    const lines = [`; ${notice}`]
    let sections = 0
    for (const directive of tree) {
      if (!directive.block) {
        if (sections)
          throw new FormatError(`'${directive.name}' stands after a section and would fall into it; put it first`)
        lines.push(entry(directive, revision))
        continue
      }
      if (directive.args.length)
        throw new FormatError(`section '${directive.name}' has an argument; sections have none`)
      sections++
      lines.push('', `[${plainName(directive.name, section, 'section')}]`)
      for (const inner of directive.block) lines.push(entry(inner, revision))
    }
    return `${lines.join('\n')}\n`
  },
  parse(text) {
    const tree: Directive[] = []
    let target = tree
    for (const { line, number } of meaningful(text, /^[;#]/)) {
      const header = /^\[([^\]]+)\]$/.exec(line)
      if (header?.[1]) {
        target = []
        tree.push({ name: header[1], args: [], block: target })
        continue
      }
      const pair = /^([^= \t]+)[ \t]*=[ \t]*(.*)$/.exec(line)
      if (!pair?.[1]) throw new FormatError(`line ${number}: neither a section nor 'key = value'`)
      target.push({ name: pair[1], args: [unquoted(pair[2] ?? '', number)] })
    }
    return tree
  },
}
