import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { addLeaf, type Peak, root } from './merkle.js'

const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 9162 §2.1.1, as written there. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (!only) return sha()
  if (leaves.length === 1) return sha(Buffer.of(0), only)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

describe('Merkle peaks', () => {
  it('have the root that the recursive definition gives', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 40 }), leaves => {
        const hex = leaves.map(leaf => Buffer.from(leaf).toString('hex'))
        const peaks = hex.reduce<Peak[]>((before, leaf) => addLeaf(before, leaf), [])
        expect(root(peaks)).to.equal(treeHash(leaves.map(leaf => Buffer.from(leaf))).toString('hex'))
      }),
    )
  })
})
