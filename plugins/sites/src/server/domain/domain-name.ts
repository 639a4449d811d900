import { isIP } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { Refusal } from '../input/refusals.js'
import { shown } from '../input/shown.js'
import { disguised, imitatesLatin, oneScript, strayDot } from './scripts.js'

declare const brand: unique symbol
/**
 * A host name in lower-case ASCII form (A-labels, RFC 5890), possibly beginning with `*.`. Made by
 * {@link parseDomainName} only.
 */
export type DomainName = string & { readonly [brand]: true }

export interface DomainRules {
  /** Whether `*.example.test` is allowed. */
  readonly wildcard?: boolean
  /** Names of the panel: its cookies ignore ports, so no site may answer to them. */
  readonly panelHosts?: readonly string[]
}

/**
 * Reads a name as a person types it. Strict where resolvers and browsers are lenient: what two readers could take for
 * different names is refused with the reason.
 *
 * @throws Refusal
 */
export function parseDomainName(input: string, rules: DomainRules = {}): DomainName {
  if (input === '') throw new Refusal('domain_empty')
  const { name, wildcard } = withoutWildcard(input, rules)
  refuseForeign(name, input)
  const ascii = toAscii(name)
  checkLabels(ascii, input)
  checkLookalikes(ascii, name)
  if (wildcard && !ascii.includes('.')) throw new Refusal('domain_wildcard_broad', { value: input })
  if (!wildcard && !ascii.includes('.') && ascii !== 'localhost') throw new Refusal('domain_single', { value: ascii })
  const parsed = (wildcard ? `*.${ascii}` : ascii) as DomainName
  if (parsed.length > 253) throw new Refusal('domain_long', { length: parsed.length })
  refusePanel(parsed, input, rules.panelHosts ?? [])
  return parsed
}

/** The name as people read it, `bücher.example`. */
export function unicodeName(name: string): string {
  // Most names have no label in punycode, and the conversion shows when fifty are listed.
  if (!name.includes('xn--')) return name
  return name.startsWith('*.') ? `*.${domainToUnicode(name.slice(2))}` : domainToUnicode(name)
}

/** True when `pattern` (a name, or a wildcard) claims `name`. As in the web server, `*` stands for one or more labels. */
export function claims(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))
}

function withoutWildcard(input: string, rules: DomainRules): { name: string; wildcard: boolean } {
  const wildcard = input.startsWith('*.')
  if (wildcard && !rules.wildcard) throw new Refusal('domain_wildcard', { value: shown(input) })
  const name = wildcard ? input.slice(2) : input
  if (name.includes('*')) throw new Refusal('domain_wildcard_place', { value: shown(input) })
  return { name, wildcard }
}

function refuseForeign(name: string, input: string): void {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(name)
  if (scheme) throw new Refusal('domain_url', { value: shown(input), suggestion: shown(scheme[1] || 'example.test') })
  if (isIP(name.replace(/^\[|\]$/g, ''))) throw new Refusal('domain_address', { value: shown(input) })
  for (const character of name) {
    if (/^[\p{L}\p{M}\p{N}.\-·・]$/u.test(character)) continue
    throw new Refusal('domain_character', { value: shown(input), character: named(character) })
  }
  if (name.endsWith('.')) throw new Refusal('domain_trailing_dot', { value: shown(input) })
  if (name === '' || name.split('.').includes('')) throw new Refusal('domain_empty_label', { value: shown(input) })
}

function toAscii(name: string): string {
  const lower = name.toLowerCase()
  // The URL parser reads 0x7f.1 as an address; what it makes of plain ASCII is not wanted here.
  if (/^[a-z0-9.-]+$/.test(lower) && !/(?:^|\.)xn--/.test(lower)) {
    // The Kelvin sign has k as its lower case.
    if (!/^[\x21-\x7e]+$/.test(name)) throw new Refusal('domain_compatibility', { value: shown(name), ascii: lower })
    return lower
  }
  const ascii = domainToASCII(lower)
  if (ascii === '') throw new Refusal('domain_encoding', { value: shown(name) })
  if (isIP(ascii.replace(/^\[|\]$/g, ''))) throw new Refusal('domain_address', { value: shown(name) })
  // Full-width letters, ligatures, dotless forms: what people see is not the name they would get.
  if (domainToUnicode(ascii) !== lower.normalize('NFC') && domainToASCII(domainToUnicode(ascii)) !== lower)
    throw new Refusal('domain_compatibility', { value: shown(name), ascii })
  return ascii
}

function checkLabels(ascii: string, input: string): void {
  const labels = ascii.split('.')
  for (const label of labels) {
    if (label === '') throw new Refusal('domain_empty_label', { value: shown(input) })
    if (label.length > 63) throw new Refusal('domain_label_long', { label: shown(label) })
    if (label.startsWith('-') || label.endsWith('-')) throw new Refusal('domain_hyphen', { label })
    if (label.slice(2, 4) === '--' && !label.startsWith('xn--')) throw new Refusal('domain_reserved_hyphens', { label })
  }
  if (ascii.length > 253) throw new Refusal('domain_long', { length: ascii.length })
  const last = labels.at(-1) ?? ''
  // WHATWG URL §3.5: a name whose last label is numeric is parsed as an IPv4 address.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(last)) {
    if (labels.every(label => /^(?:\d+|0x[0-9a-f]*)$/.test(label)) && labels.length <= 4)
      throw new Refusal('domain_address', { value: shown(input) })
    throw new Refusal('domain_numeric', { label: last })
  }
}

function checkLookalikes(ascii: string, name: string): void {
  if (!ascii.includes('xn--')) return
  const unicode = domainToUnicode(ascii)
  const labels = unicode.split('.')
  const tld = labels.at(-1) ?? ''
  for (const label of labels) {
    if (label.startsWith('xn--') || !/^[\p{L}\p{M}\p{N}\-·・]+$/u.test(label))
      throw new Refusal('domain_encoding', { value: shown(name) })
    if (!oneScript(label)) throw new Refusal('domain_mixed_scripts', { label })
    const letter = disguised(label)
    if (letter) throw new Refusal('domain_letter', { label, letter })
    const dot = strayDot(label)
    if (dot) throw new Refusal('domain_middle_dot', { label, letter: dot })
    const script = imitatesLatin(label, tld)
    if (script) throw new Refusal('domain_confusable', { label, script })
  }
}

function refusePanel(name: string, input: string, panelHosts: readonly string[]): void {
  const hosts = ['localhost', ...panelHosts.map(host => host.toLowerCase().replace(/\.$/, ''))]
  if (hosts.some(host => claims(name, host))) throw new Refusal('domain_panel', { value: shown(input) })
}

/** A key of the catalogues, or the character as it can be shown. */
function named(character: string): string {
  if (character === ' ') return 'space'
  if (character === '_') return 'underscore'
  if (/^[\x21-\x7e]$/.test(character)) return `'${character}'`
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
