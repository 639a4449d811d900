import { expect } from 'chai'
import { applyPatch, createTwoFilesPatch } from 'diff'
import fc from 'fast-check'
import { inverseDiff } from './inverse-diff.js'

describe('the inverse of a diff', () => {
  const patch = (before: string, after: string) =>
    createTwoFilesPatch('a/x', 'b/x', before, after, undefined, undefined)

  it('leads back from after to before, whatever the texts are', () => {
    const line = fc.constantFrom('a', 'b', '', '- c', '+ d', '@@ e', '\\ f')
    const text = fc.array(line).map(lines => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after)
        expect(applyPatch(after, inverseDiff(patch(before, after)))).to.equal(before)
      }),
    )
  })

  it('names the sides the other way round', () => {
    const created = createTwoFilesPatch('/dev/null', 'b/etc/x', '', 'new\n').replace(/^=+\n/, '')
    expect(inverseDiff(created).split('\n').slice(0, 4)).to.deep.equal([
      '--- a/etc/x',
      '+++ /dev/null',
      '@@ -1,1 +0,0 @@',
      '-new',
    ])
  })

  it('leaves a sentence about a secret file as it is', () => {
    expect(inverseDiff('/etc/key: absent → sha256:00')).to.equal('/etc/key: absent → sha256:00')
  })
})
