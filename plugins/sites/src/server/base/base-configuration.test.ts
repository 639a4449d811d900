import type { PlannedFile } from '@nusantara/sdk'
import { expect } from 'chai'
import { onlyRemoves } from './base-configuration.js'

const file = (action: PlannedFile['action'], drifted: boolean): PlannedFile => ({
  path: `/etc/${action}`,
  action,
  diff: '',
  before: null,
  after: null,
  ...(drifted && { drift: { diff: '' } }),
})

describe('what stands where the base configuration is to be', () => {
  it('goes when it only has to go, and is nobody’s to overwrite otherwise', () => {
    const written = file('create', false)
    expect(onlyRemoves({ files: [written, file('delete', true)] })).to.equal(true)
    expect(onlyRemoves({ files: [written, file('delete', true), file('modify', true)] })).to.equal(false)
    expect(onlyRemoves({ files: [written, file('delete', false)] })).to.equal(false)
  })
})
