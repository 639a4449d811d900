import { fixture, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { Expiry } from '../../api.js'
import './timeline.js'
import type { ExpiryTimeline } from './timeline.js'
import { timelineOf } from './timeline-marks.js'

const at = (domain: string, days: number, health: 'ok' | 'warning' | 'failed' = 'ok'): Expiry => ({
  siteId: domain,
  domain,
  notAfter: new Date(Date.now() + days * 86_400_000 + 1_000).toISOString(),
  kind: 'acme',
  health,
})
const line = { now: Date.now(), width: 944, margin: 22, gap: 30 }

describe('the line of time of certificates', () => {
  before(() =>
    useMessages({
      ssl: {
        'ui.ends': 'in {days} days',
        'ui.timeline.within': '{count} within, {later} later.',
        'ui.timeline.next': 'Next {domain} {end}',
        'ui.timeline.several': '{count} certificates',
      },
    }),
  )

  it('puts what has ended at its beginning and leaves out what ends after it', () => {
    const { marks, within, later } = timelineOf([at('late', 200), at('gone', -5, 'failed'), at('end', 89.9)], line)
    expect(marks.map(({ x }) => Math.round(x))).to.deep.equal([22, 921])
    expect({ within, later }).to.deep.equal({ within: 2, later: 1 })
  })

  it('makes one mark of those that would lie on each other, which looks as its worst', () => {
    const { marks } = timelineOf([at('a', 20), at('b', 21, 'warning'), at('c', 22), at('d', 40)], line)
    expect(marks.map(({ sites, health }) => [sites.map(({ domain }) => domain).join(), health])).to.deep.equal([
      ['a,b,c', 'warning'],
      ['d', 'ok'],
    ])
  })

  it('holds as many as there are without a mark on another', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => at(`s${index}`, (index * 7.3) % 95))
    const { marks, within, later } = timelineOf(many, { ...line, width: 300 })
    expect(within + later).to.equal(2_000)
    for (const [index, { x }] of marks.entries())
      expect(x - (marks[index - 1]?.x ?? Number.NEGATIVE_INFINITY)).to.be.at.least(30)
    expect(marks.flatMap(({ sites }) => sites)).to.have.length(within)
  })

  it('says all of it in words, and is walked along by arrow keys with one stop for Tab', async () => {
    const sites = [at('a.test', 10), at('b.test', 50), at('c.test', 120)]
    const element = await fixture<ExpiryTimeline>(html`<nusa-ssl-timeline .sites=${sites}></nusa-ssl-timeline>`)
    const root = element.shadowRoot
    const marks = () => [...(root?.querySelectorAll<SVGElement>('.mark') ?? [])]
    await until('the drawing', () => marks().length === 2)
    expect(root?.querySelector('figcaption')?.textContent).to.contain('2 within, 1 later. Next a.test in 10 days')
    const links = () => [...(root?.querySelectorAll('.details a') ?? [])].map(link => link.getAttribute('href'))
    expect(marks().map(mark => mark.getAttribute('tabindex'))).to.deep.equal(['0', '-1'])
    expect(links()).to.deep.equal(['/sites/a.test#nusa-ssl-tab'])
    marks()[0]?.focus()
    marks()[0]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))
    await until('the other', () => root?.activeElement === marks()[1])
    expect(links()).to.deep.equal(['/sites/b.test#nusa-ssl-tab'])
    element.remove()
  })
})
