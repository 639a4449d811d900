import type { Directive } from '@nusantara/sdk'

/**
 * One argument after the grammar has checked and derived it. `text` is exactly what the daemon must read; how it is
 * quoted is the format's business alone.
 */
export interface RenderedArgument {
  readonly text: string
  /** JSON writes it as a number. */
  readonly number?: true
  /** Quoted even where it need not be. */
  readonly quote?: true
  /** Variables that may follow a `$`, by name without it; `any` for trees of the manifest itself. Default none. */
  readonly variables?: readonly string[] | 'any'
  /** Filled with the revision of the batch; `text` is empty. */
  readonly revision?: true
  /** Holds line breaks, which the syntax has to express. */
  readonly lines?: true
  /** What stands in it is a private key, or a certificate, of this public key. */
  readonly proof?: KeyProof
}

export interface KeyProof {
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly spki: string
  /** Of a certificate: SHA-256 of its DER, hex. */
  readonly fingerprint?: string
  /** Of a certificate: the whole chain as it was given, and which of how many pieces stands here. */
  readonly chain?: { readonly whole: string; readonly index: number; readonly of: number }
}

/** A directive whose arguments are final. */
export interface Rendered {
  readonly name: string
  readonly args: readonly RenderedArgument[]
  readonly block?: readonly Rendered[]
}

/** One configuration syntax. `parse(serialize(tree))` is the tree; what cannot be written without doubt is refused. */
export interface Format {
  /**
   * @param revision text that stands for arguments marked `revision`
   * @throws FormatError when a value cannot be written in this syntax without changing its meaning
   */
  serialize(tree: readonly Rendered[], revision: string): string
  /** @throws FormatError naming the line */
  parse(text: string): Directive[]
}

/** A value, name or document that a syntax cannot hold. `reason` names the cause and what to do instead. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  constructor(
    readonly reason: string,
    /** Where in the tree, filled by those who know: `server[0].root`. */
    readonly path: string = '',
  ) {
    super(path ? `${path}: ${reason}` : reason)
  }
}

/** The line that a person who opens the file sees first. */
export const notice = 'Written by Nusantara Panel. Edits made here are noticed and never overwritten silently.'

/** Arguments with the revision filled in. */
export function fill(args: readonly RenderedArgument[], revision: string): RenderedArgument[] {
  return args.map(arg => (arg.revision ? { text: revision } : arg))
}
