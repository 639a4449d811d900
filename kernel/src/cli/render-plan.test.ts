import { stripVTControlCharacters } from 'node:util'
import type { Plan } from '@nusantara/sdk'
import { expect } from 'chai'
import { renderPlan } from './render-plan.js'
import { cliTexts } from './texts.js'

describe('a plan on the command line', () => {
  const plan: Plan = {
    hash: 'h',
    steps: [],
    files: [],
    operations: [],
    packages: [
      { name: 'tool', version: '1.0', action: 'install' },
      { name: 'library', version: '3.0', action: 'upgrade' },
      { name: 'old', action: 'remove' },
    ],
    services: [],
    late: false,
  }
  const packages = (locale: string) =>
    stripVTControlCharacters(renderPlan(plan, cliTexts(locale), ({ code }) => code))
      .split('\n')
      .slice(1, 4)

  it('tells packages that are new from those that are upgraded or removed', () => {
    expect(packages('en')).to.deep.equal([
      'install package tool 1.0',
      'upgrade package library 3.0',
      'remove package old',
    ])
    expect(packages('id')).to.deep.equal(['pasang paket tool 1.0', 'perbarui paket library 3.0', 'hapus paket old'])
  })
})
