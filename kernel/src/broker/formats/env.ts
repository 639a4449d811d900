import type { Directive } from '@nusantara/sdk'
import { type Format, FormatError, fill, notice } from './format.js'
import { lineValue, meaningful, onlyArgument, plainName, unquoted } from './lines.js'

const name = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Environment files as systemd reads them (EnvironmentFile= in systemd.exec(5)): `NAME=value`. */
export const env: Format = {
  serialize(tree, revision) {
    const lines = tree.map(directive => {
      const argument = onlyArgument({ ...directive, args: fill(directive.args, revision) })
      return `${plainName(directive.name, name, 'variable name')}=${lineValue(argument, /^[A-Za-z0-9_./:@%+,-]+$/)}`
    })
    return [`# ${notice}`, ...lines].map(line => `${line}\n`).join('')
  },
  parse(text) {
    const tree: Directive[] = []
    for (const { line, number } of meaningful(text, /^[#;]/)) {
      const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
      if (!pair?.[1]) throw new FormatError(`line ${number}: not 'NAME=value'`)
      tree.push({ name: pair[1], args: [unquoted(pair[2] ?? '', number)] })
    }
    return tree
  },
}
