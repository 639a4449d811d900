/** Why a text is no JSON that is taken, and where. */
export interface JsonFault {
  readonly reason: 'syntax' | 'depth' | 'duplicate' | 'prototype'
  /** Characters before the place. */
  readonly position: number
  /** Dotted path of the key that is not taken; empty for every other reason. */
  readonly key: string
}

const deepest = 32
const longestKey = 128
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma, colon] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a,
]
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Reads a text as JSON (RFC 8259) without making values of it. Besides the grammar it asks that nothing nests deeper than 32,
 * and that an object has each key once (§4: of a repeated one readers take different values) and none `__proto__`.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    new Scanner(text).document()
    return undefined
  } catch (fault) {
    if (fault instanceof Fault) return { reason: fault.reason, position: fault.position, key: fault.key }
    throw fault
  }
}

class Fault extends Error {
  constructor(
    readonly reason: JsonFault['reason'],
    readonly position: number,
    readonly key = '',
  ) {
    super(reason)
  }
}

class Scanner {
  #at = 0
  #depth = 0
  readonly #path: string[] = []

  constructor(private readonly text: string) {}

  document(): void {
    this.#value()
    if (this.#next() !== undefined) this.#unexpected()
  }

  #value(): void {
    const code = this.#next()
    if (code === openBrace) {
      const keys = new Set<string>()
      this.#nested(closeBrace, () => this.#member(keys))
    } else if (code === openBracket) {
      let index = 0
      this.#nested(closeBracket, () => this.#item(index++))
    } else if (code === quote) this.#string()
    else this.#match(scalar)
  }

  #nested(close: number, part: () => void): void {
    if (++this.#depth > deepest) throw new Fault('depth', this.#at)
    this.#at++
    if (!this.#takes(close)) {
      do part()
      while (this.#takes(comma))
      if (!this.#takes(close)) this.#unexpected()
    }
    this.#depth--
  }

  #member(keys: Set<string>): void {
    if (this.#next() !== quote) this.#unexpected()
    const position = this.#at
    const key = this.#string()
    this.#path.push(key)
    if (key === '__proto__') this.#refuse('prototype', position)
    if (keys.has(key)) this.#refuse('duplicate', position)
    keys.add(key)
    if (!this.#takes(colon)) this.#unexpected()
    this.#value()
    this.#path.pop()
  }

  #item(index: number): void {
    this.#path.push(String(index))
    this.#value()
    this.#path.pop()
  }

  #string(): string {
    const { text } = this
    const start = this.#at++
    let escaped = false
    for (let code = text.charCodeAt(this.#at); code !== quote; code = text.charCodeAt(this.#at)) {
      if (code === backslash) {
        escaped = true
        this.#match(escapeSequence)
      } else if (code >= 0x20) this.#at++
      else this.#unexpected()
    }
    const literal = text.slice(start, ++this.#at)
    return escaped ? (JSON.parse(literal) as string) : literal.slice(1, -1)
  }

  /** The code at the next place that is no white space; undefined at the end. */
  #next(): number | undefined {
    const { text } = this
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
    }
    return undefined
  }

  #takes(code: number): boolean {
    if (this.#next() !== code) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): void {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.text)) this.#unexpected()
    this.#at = pattern.lastIndex
  }

  #refuse(reason: JsonFault['reason'], position: number): never {
    throw new Fault(reason, position, this.#path.join('.').slice(0, longestKey))
  }

  #unexpected(): never {
    throw new Fault('syntax', Math.min(this.#at, this.text.length))
  }
}
