import { expect } from 'chai'
import type { Manifest } from './manifest.js'
import { resolve } from './resolution.js'

function manifest(id: string, version: string, more: Partial<Manifest> = {}): Manifest {
  return { id, version, api: '^1', displayName: { en: id }, capabilities: [], entry: { server: './index.js' }, ...more }
}

describe('resolve', () => {
  it('starts dependencies, and optional ones that are there, before their dependants', () => {
    const { order } = resolve([
      manifest('a', '1.0.0', { dependencies: { b: '^1' }, optionalDependencies: { c: '^2', gone: '^1' } }),
      manifest('b', '1.2.0', { dependencies: { c: '*' } }),
      manifest('c', '2.0.0'),
    ])
    expect(order).to.deep.equal(['c', 'b', 'a'])
  })

  it('names a cycle in full and rejects what depends on it, and nothing else', () => {
    const { order, rejected } = resolve([
      manifest('a', '1.0.0', { dependencies: { b: '*' } }),
      manifest('b', '1.0.0', { dependencies: { c: '*' } }),
      manifest('c', '1.0.0', { dependencies: { a: '*' } }),
      manifest('d', '1.0.0', { dependencies: { a: '*' } }),
      manifest('e', '1.0.0'),
    ])
    expect(order).to.deep.equal(['e'])
    expect(rejected.get('b')?.params.cycle).to.equal('a → b → c → a')
    expect(rejected.get('d')?.code).to.equal('plugin_dependency_rejected')
  })

  it('an optional dependency out of range counts as absent and is reported', () => {
    const { order, ignored, rejected } = resolve([
      manifest('a', '1.0.0', { optionalDependencies: { b: '^2' } }),
      manifest('b', '1.0.0', { optionalDependencies: { a: '*' } }),
    ])
    expect(rejected.size).to.equal(0)
    expect(order).to.deep.equal(['a', 'b'])
    expect(ignored).to.deep.equal([{ plugin: 'a', dependency: 'b', range: '^2', version: '1.0.0' }])
  })

  it('rejects for a missing dependency and for one out of range, and whoever depends on those', () => {
    const { order, rejected } = resolve([
      manifest('a', '1.0.0', { dependencies: { gone: '^1' } }),
      manifest('b', '1.0.0', { dependencies: { c: '^2' } }),
      manifest('c', '1.9.9'),
      manifest('d', '1.0.0', { dependencies: { a: '*' } }),
    ])
    expect(order).to.deep.equal(['c'])
    expect(rejected.get('a')?.code).to.equal('plugin_dependency_missing')
    expect(rejected.get('b')?.params).to.deep.equal({ plugin: 'b', dependency: 'c', range: '^2', version: '1.9.9' })
    expect(rejected.get('d')?.code).to.equal('plugin_dependency_rejected')
  })
})
