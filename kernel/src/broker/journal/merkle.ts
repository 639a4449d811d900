import { hash } from 'node:crypto'

const digest = (tag: number, ...parts: readonly Uint8Array[]) =>
  hash('sha256', Buffer.concat([Uint8Array.of(tag), ...parts]), 'buffer')

/**
 * The Merkle tree hash of RFC 9162 §2.1.1, kept as its frontier: the roots of the perfect subtrees from left to right.
 * Appending costs one hash on average, and the frontier of a million entries is twenty hashes.
 */
export class MerkleTree {
  #size: number
  readonly #frontier: Buffer[]

  constructor(size = 0, frontier: readonly string[] = []) {
    this.#size = size
    this.#frontier = frontier.map(root => Buffer.from(root, 'hex'))
    if (this.#frontier.length !== size.toString(2).replaceAll('0', '').length)
      throw new Error('frontier does not fit the size')
  }

  get size(): number {
    return this.#size
  }

  get frontier(): readonly string[] {
    return this.#frontier.map(root => root.toString('hex'))
  }

  append(entry: string): void {
    let node = digest(0, Buffer.from(entry, 'hex'))
    for (let bits = this.#size; bits & 1; bits >>>= 1) node = digest(1, this.#frontier.pop() as Buffer, node)
    this.#frontier.push(node)
    this.#size++
  }

  root(): string {
    const last = this.#frontier.at(-1)
    if (!last) return hash('sha256', '', 'hex')
    return this.#frontier
      .slice(0, -1)
      .reduceRight((right, left) => digest(1, left, right), last)
      .toString('hex')
  }

  copy(): MerkleTree {
    const tree = new MerkleTree()
    tree.#size = this.#size
    tree.#frontier.push(...this.#frontier)
    return tree
  }
}
