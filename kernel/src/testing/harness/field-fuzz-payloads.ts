/** A value that nobody sends by mistake. */
export interface Payload {
  readonly name: string
  readonly value: unknown
  /** Put into a URL as it stands instead of percent-encoded. */
  readonly raw?: true
  /** Larger than a URL or a header may be. */
  readonly oversized?: true
  /** What a JSON body has in place of the value, where no value is written so; `key` is the field's own. */
  json?(key: string): string
  /** Stands in the query a second time. */
  readonly repeated?: true
}

const text = (name: string, value: string): Payload => ({ name, value })

/** Bytes that end lines, strings and terminals' patience. */
const control = [
  text('NUL', 'a\0b'),
  text('newline', 'a\nb'),
  text('CRLF', 'a\r\nX-Evil: 1'),
  text('escape', 'a\u001b[2J'),
  text('DEL', 'a\u007f'),
  text('C1', 'a\u0085b'),
  text('lone surrogate', 'a\ud800b'),
]

const unicode = [
  text('look-alike', 'ex\u0430mple.test'),
  text('right to left', 'a\u202egpj.exe'),
  text('zero width', 'exa\u200bmple.test'),
  text('fullwidth', '\uff45xample\uff0etest'),
  text('ideographic full stop', 'example\u3002test'),
  text('fullwidth slash', '\uff0e\uff0e\uff0fetc'),
  text('line separator', 'a\u2028b'),
  text('byte order mark', '\ufeffa'),
  text('combining', `a${'\u0301'.repeat(60)}`),
]

const paths = [
  text('parent', '..'),
  text('traversal', '../../etc/passwd'),
  text('absolute', '/etc/passwd'),
  text('encoded NUL', '%00'),
  text('encoded traversal', '%2e%2e%2f'),
  text('backslash traversal', '..\\..\\etc'),
]

const options = [text('leading hyphen', '-'), text('ssh option', '-oProxyCommand=x'), text('long option', '--help')]

const syntax = [
  text('double quote', 'a"b'),
  text('single quote', "a'b"),
  text('backslash', 'a\\'),
  text('braces', 'a{b}c'),
  text('closing brace', '} server { listen 1; '),
  text('semicolon', 'a; return 200'),
  text('variable', '$document_root'),
  text('braced variable', '${x}'),
  text('backtick', '`id`'),
  text('command substitution', '$(id)'),
  text('comment', 'a # b'),
  text('comment alone', '#'),
  text('section', '[www]'),
  text('assignment', 'a = b'),
  text('markup', '<script>alert(1)</script>'),
  text('SQL', "' OR 1=1 --"),
  text('wildcard', '%_*'),
  text('prototype', '__proto__'),
  text('constructor', 'constructor'),
]

const sizes: readonly Payload[] = [
  text('empty', ''),
  text('space', ' '),
  text('long label', `${'a'.repeat(64)}.test`),
  text('very long', 'a'.repeat(9_000)),
  { name: 'nearly 64 KiB', value: 'a'.repeat(63_000), oversized: true },
  { name: 'over 64 KiB', value: 'a'.repeat(70_000), oversized: true },
]

const types: readonly Payload[] = [
  { name: 'a number', value: 7.5 },
  { name: 'a huge number', value: 1e308 },
  { name: 'null', value: null },
  { name: 'a list', value: ['a'] },
  { name: 'an object', value: { a: 'b' } },
  { name: 'a boolean', value: true },
  { name: 'a long list', value: Array.from({ length: 10_000 }, () => 'a') },
  { name: 'a list of lists', value: [[['a']]] },
  { name: 'an object with a constructor', value: { constructor: { prototype: { admin: true } } } },
  { name: 'a fraction below zero', value: -1.5 },
  { name: 'more than an integer holds', value: 2 ** 64 },
]

const json = (name: string, written: (key: string) => string): Payload => ({ name, value: '', json: written })

/** What only a text can say, and readers of JSON disagree about. */
const documents: readonly Payload[] = [
  json('NaN', () => 'NaN'),
  json('1e400', () => '1e400'),
  json('minus zero', () => '-0'),
  json('30 digits', () => '9'.repeat(30)),
  json('hexadecimal', () => '0x1f'),
  json('a leading zero', () => '010'),
  json('single quotes', () => "'a'"),
  json('a raw line break', () => '"a\nb"'),
  json('a lone surrogate, escaped', () => '"a\\ud800b"'),
  json('an escaped NUL', () => '"a\\u0000b"'),
  json('a comment', () => '"a" /* b */'),
  json('a key __proto__', () => '{"__proto__": {"admin": true}}'),
  json('an escaped key __proto__', () => '{"\\u005f_proto__": {"admin": true}}'),
  json('the key twice', key => `"a", ${JSON.stringify(key)}: "b"`),
  json('40 levels', () => `${'['.repeat(40)}${']'.repeat(40)}`),
]

const encodings: readonly Payload[] = [
  { name: 'raw %00', value: 'a%00b', raw: true },
  { name: 'raw %0d%0a', value: 'a%0d%0ab', raw: true },
  { name: 'raw %2e%2e%2f', value: '%2e%2e%2fetc', raw: true },
  { name: 'raw overlong UTF-8', value: '%c0%ae%c0%af', raw: true },
  { name: 'raw surrogate', value: '%ed%a0%80', raw: true },
  { name: 'raw broken percent', value: '%zz', raw: true },
]

const repetitions: readonly Payload[] = [{ name: 'twice', value: 'a', repeated: true }]

const strings = [...control, ...unicode, ...paths, ...options, ...syntax, ...sizes]

/** What is tried in a JSON body. */
export const bodyPayloads: readonly Payload[] = [...strings, ...types, ...documents]
/** What is tried in a path, where everything is text. */
export const pathPayloads: readonly Payload[] = [...strings.filter(({ oversized }) => !oversized), ...encodings]
export const queryPayloads: readonly Payload[] = [...pathPayloads, ...repetitions]
/** What a client can send in a header at all: no control characters, the bytes of UTF-8. */
export const headerPayloads: readonly Payload[] = strings
  .filter(({ value, oversized }) => !oversized && value !== '' && !/[\p{Cc}\p{Cs}]/u.test(String(value)))
  .filter(({ value }) => String(value).trim() === value)
  .map(payload => ({ ...payload, value: Buffer.from(String(payload.value)).toString('latin1') }))

/** UTF-8 as a sender writes it who does not care whether it is valid. */
export function percentEncoded({ value, raw }: Payload): string {
  const given = String(value)
  if (raw) return given
  return given.isWellFormed()
    ? encodeURIComponent(given)
    : `${encodeURIComponent(given.replaceAll('\ud800', ''))}%ed%a0%80`
}
