/**
 * A structured configuration document. The panel never sends bytes for files that a root daemon interprets: it sends a
 * tree, and the broker checks it against the grammar and serializes it.
 *
 * One shape serves every format: a section of an ini file or a unit is a directive with a block.
 */
export interface Directive {
  readonly name: string
  readonly args?: readonly Argument[]
  readonly block?: readonly Directive[]
}

/** A plain value, or the marker that the broker fills with the revision of the batch when it applies. */
export type Argument = string | number | { readonly revision: true }

/** The whole of one file. `opaque` files carry text and are allowed only where nothing interprets them. */
export type Tree = readonly Directive[] | { readonly opaque: string }

/** Short constructor: `directive('listen', ['http'])`, `directive('server', [], [ … ])`. */
export function directive(name: string, args: readonly Argument[] = [], block?: readonly Directive[]): Directive {
  return block ? { name, args, block } : { name, args }
}
