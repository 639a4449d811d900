import { expect } from 'chai'
import { changesOf, fieldText, type SettingsView } from './setting-values.js'

const view: SettingsView = {
  plugin: 'demo',
  values: { size: 10, hosts: ['a', 'b'], loud: true, mode: 'slow', name: '' },
  secrets: ['key'],
  fixed: [],
  fields: [
    { key: 'size', variable: '', kind: 'number', default: 10 },
    { key: 'hosts', variable: '', kind: 'list' },
    { key: 'loud', variable: '', kind: 'switch' },
    { key: 'mode', variable: '', kind: 'choice', choices: ['slow', 'fast'] },
    { key: 'name', variable: '', kind: 'text' },
    { key: 'key', variable: '', kind: 'secret' },
    { key: 'tree', variable: '', kind: 'other' },
  ],
}
const asShown = { size: 10, hosts: 'a\nb', loud: true, mode: 'slow', name: undefined, key: '' }

describe('the values of settings', () => {
  it('are as the fields show them', () => {
    expect(view.fields.map(field => fieldText(field, view.values[field.key]))).to.deep.equal([
      '10',
      'a\nb',
      'true',
      'slow',
      '',
      '',
      '',
    ])
  })

  it('change only where something was typed', () => {
    expect(changesOf(view, asShown)).to.equal(undefined)
    expect(changesOf(view, { ...asShown, size: 11 })).to.deep.equal({ size: 11 })
    expect(changesOf(view, { ...asShown, hosts: ' a \n\nc\n' })).to.deep.equal({ hosts: ['a', 'c'] })
    expect(changesOf(view, { ...asShown, loud: false, mode: 'fast' })).to.deep.equal({ loud: false, mode: 'fast' })
    expect(changesOf(view, { ...asShown, key: 'new one' })).to.deep.equal({ key: 'new one' })
  })

  it('go back to the default where a field was emptied', () => {
    expect(changesOf(view, { ...asShown, size: undefined, hosts: '' })).to.deep.equal({ size: null, hosts: null })
  })
})
