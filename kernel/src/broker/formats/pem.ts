import type { Directive } from '@nusantara/sdk'
import { type Format, FormatError, fill } from './format.js'
import { plainName } from './lines.js'

const label = /^[A-Z0-9]+(?: [A-Z0-9]+)*$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/

/** Textual encodings of RFC 7468: each directive's name is the label, its one argument the base64 text. */
export const pem: Format = {
  serialize(tree, revision) {
    return tree
      .map(directive => {
        const [body, ...more] = fill(directive.args, revision)
        if (!body || more.length || directive.block)
          throw new FormatError(`'${directive.name}' must have one base64 text`)
        if (!base64.test(body.text))
          throw new FormatError('is not base64 (RFC 4648, with padding, without line breaks)')
        const name = plainName(directive.name, label, 'label')
        const lines = body.text.match(/.{1,64}/g) ?? []
        return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ''].join('\n')
      })
      .join('')
  },
  parse(text) {
    const tree: Directive[] = []
    const block = /\s*-----BEGIN ([A-Z0-9 ]+)-----\n([A-Za-z0-9+/=\n]+)\n-----END \1-----\s*/y
    while (block.lastIndex < text.length) {
      const match = block.exec(text)
      if (!match?.[1] || !match[2]) throw new FormatError('holds something that is not a PEM block')
      tree.push({ name: match[1], args: [match[2].replaceAll('\n', '')] })
    }
    return tree
  },
}
