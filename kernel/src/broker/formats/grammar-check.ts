import type { DirectiveRule, Grammar } from '@nusantara/sdk'
import { checkArgument } from './arguments.js'
import { unprintable } from './characters.js'
import { type Derivation, Refused } from './derivation.js'
import { FormatError, type KeyProof, type Rendered, type RenderedArgument } from './format.js'

/** Bounds on what a panel may send, whatever the grammar. */
const limits = { depth: 8, directives: 20_000, args: 256 }

/** A piece of the panel's text as a person may safely read it in a message. */
function shown(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value)?.slice(0, 100) ?? 'undefined'
}

function isDirective(value: unknown): value is { name: string; args?: unknown; block?: unknown } {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string'
}

const directiveKeys = new Set(['name', 'args', 'block'])

class Checker {
  #count = 0
  /** Public listeners that the file names: where its names must answer. */
  readonly listeners = new Set<string>()
  /** Keys and certificates that stand in it. */
  readonly proofs: KeyProof[] = []

  constructor(
    readonly grammar: Grammar,
    readonly derivation: Derivation,
  ) {}

  context(name: string, tree: unknown, at: string, depth: number): Rendered[] {
    if (!Array.isArray(tree)) throw new FormatError('is not a list of directives', at)
    if (depth > limits.depth) throw new FormatError(`is nested deeper than ${limits.depth} blocks`, at)
    const rules = this.grammar.contexts[name] ?? {}
    const seen = new Map<string, number>()
    const out = tree.map((entry, index) => this.#directive(entry, index, rules, at, depth, seen))
    for (const [directive, rule] of Object.entries(rules))
      if (rule.required && !seen.has(directive))
        throw new FormatError(`'${directive}' is missing; add it`, at || 'the top level')
    return out
  }

  #directive(
    entry: unknown,
    index: number,
    rules: Readonly<Record<string, DirectiveRule>>,
    at: string,
    depth: number,
    seen: Map<string, number>,
  ): Rendered {
    if (++this.#count > limits.directives) throw new FormatError(`has more than ${limits.directives} directives`, at)
    if (!isDirective(entry)) throw new FormatError('is not a directive {name, args, block}', `${at}[${index}]`)
    const { name } = entry
    const printable = /^[\w.*[\]-]{1,64}$/.test(name) ? name : shown(name)
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    const place = `${at}${at ? '.' : ''}${printable}`
    const foreign = Object.keys(entry).find(key => !directiveKeys.has(key))
    if (foreign !== undefined)
      throw new FormatError(`has the key ${shown(foreign)}; a directive has name, args and block`, place)
    const named = Object.hasOwn(rules, name) && name !== '*' ? rules[name] : undefined
    const rule = named ?? (Object.hasOwn(rules, '*') ? rules['*'] : undefined)
    if (!rule) {
      const known = Object.keys(rules)
        .filter(known => known !== '*')
        .slice(0, 20)
        .join(', ')
      throw new FormatError(`'${printable}' may not stand here; allowed are ${known || 'no directives'}`, place)
    }
    if (!named) this.#name(name, rule, place)
    if (nth > 0 && !rule.repeat) throw new FormatError('stands more than once; keep one', place)
    const here = rule.block || rule.blockBy || nth > 0 ? `${place}[${nth}]` : place
    const args = this.#args(entry.args ?? [], rule, here)
    const block = rule.block ?? this.#chosen(entry.args, rule, here)
    if (!block) {
      if (entry.block !== undefined) throw new FormatError('has a block but takes none; remove it', here)
      return { name, args }
    }
    if (entry.block === undefined) throw new FormatError('needs a block; add one', here)
    return { name, args, block: this.context(block, entry.block, here, depth + 1) }
  }

  /** The context that the directive's own argument chooses. */
  #chosen(args: unknown, { blockBy }: DirectiveRule, place: string): string | undefined {
    if (!blockBy) return undefined
    const value = String((args as readonly unknown[] | undefined)?.[blockBy.arg] ?? '')
    if (!Object.hasOwn(blockBy.contexts, value)) throw new FormatError(`${shown(value)} chooses no block`, place)
    return blockBy.contexts[value]
  }

  #name(name: string, rule: DirectiveRule, place: string): void {
    const reason = unprintable(name)
    if (reason) throw new FormatError(`its name ${reason}`, place)
    if (!rule.nameType) return
    try {
      const derived = checkArgument(name, rule.nameType, this.derivation)
      if (derived.text !== name) throw new Refused('is derived by the broker and cannot be a name')
    } catch (error) {
      if (error instanceof Refused) throw new FormatError(`the name ${shown(name)} ${error.message}`, place)
      throw error
    }
  }

  #args(values: unknown, rule: DirectiveRule, place: string): RenderedArgument[] {
    if (!Array.isArray(values)) throw new FormatError('its arguments are not a list', place)
    const leading = rule.args ?? []
    const least = leading.filter(arg => !arg.optional).length
    const most = rule.rest ? limits.args : leading.length
    if (values.length < least || values.length > most)
      throw new FormatError(
        `has ${values.length} arguments; it takes ${least === most ? least : `${least} to ${most}`}`,
        place,
      )
    return values.map((value, index) => {
      const argument = (index === values.length - 1 && rule.last) || (leading[index] ?? rule.rest)
      if (!argument) throw new FormatError('has too many arguments', place)
      try {
        if (argument.type === 'listener') this.listeners.add(String(value))
        const checked = checkArgument(value, argument, this.derivation)
        if (checked.proof) this.proofs.push(checked.proof)
        return checked
      } catch (error) {
        if (error instanceof Refused) throw new FormatError(`${shown(value)} ${error.message}`, place)
        throw error
      }
    })
  }
}

export interface CheckedTree {
  readonly tree: readonly Rendered[]
  /** Names of the public listeners that stand in it. */
  readonly listeners: readonly string[]
  /** Of the private keys and certificates in it. */
  readonly proofs: readonly KeyProof[]
}

/**
 * Checks a tree as the panel sent it, of which nothing is believed, against a grammar, and derives its values.
 *
 * @throws FormatError with `path` (`server[0].root`) and a reason that names cause and remedy
 */
export function checkTree(tree: unknown, grammar: Grammar, derivation: Derivation): CheckedTree {
  const checker = new Checker(grammar, derivation)
  const checked = checker.context(grammar.top, tree, '', 1)
  return { tree: checked, listeners: [...checker.listeners], proofs: checker.proofs }
}
