import { fixture, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './audit-report.js'
import type { AuditReport } from './audit-wire.js'

describe('the report of a verification', () => {
  before(() =>
    useMessages({
      shell: {
        'audit.report.ok': 'All {entries} are whole',
        'audit.report.bad': '{count} wrong',
        'audit.report.bad-many': 'First {count}',
        'audit.report.at': 'Entry {seq}',
        'audit.report.at-journal': 'Journal {seq}',
        'audit.report.journal': 'The journal agrees',
        'audit.report.segments': '{segments} segments',
        'audit.report.checkpoints': '{checkpoints} checkpoints',
      },
      kernel: {
        'audit.problem.altered': 'was changed',
        'audit.problem.segment_missing': 'file is missing',
        'audit.problem.broker': 'is damaged',
        'audit.limit.unsigned_tail': 'From {from} to {to} unsigned',
      },
    }),
  )
  afterEach(() => document.body.replaceChildren())

  const whole: AuditReport = {
    ok: true,
    entries: 7,
    segments: 0,
    head: { seq: 7, hash: 'ab', root: 'cd' },
    checkpoints: 2,
    problems: [],
    limits: [{ code: 'audit.limit.unsigned_tail', params: { from: 6, to: 7 } }],
  }
  const show = async (more: Partial<AuditReport>) => {
    const view = await fixture(html`<nusa-audit-report .report=${{ ...whole, ...more }}></nusa-audit-report>`)
    const root = view.shadowRoot as ShadowRoot
    return {
      heading: root.querySelector('nusa-callout')?.heading,
      text: root.textContent?.replaceAll(/\s+/g, ' ') ?? '',
      links: [...root.querySelectorAll('a')].map(link => link.getAttribute('href')),
    }
  }

  it('says what agrees, and what it cannot show', async () => {
    const { heading, text, links } = await show({})
    expect(heading).to.equal('All 7 are whole')
    for (const part of ['2 checkpoints', 'The journal agrees', 'From 6 to 7 unsigned']) expect(text).to.contain(part)
    expect(text).not.to.contain('segments')
    expect(links).to.deep.equal([])
  })

  it('leads to each entry that is wrong, but not to those of the journal', async () => {
    const { heading, text, links } = await show({
      ok: false,
      problems: [
        { seq: 3, problem: 'altered' },
        { seq: 5, problem: 'segment_missing', segment: '1-5.gz' },
        { seq: 9, problem: 'broker' },
      ],
    })
    expect(heading).to.equal('3 wrong')
    for (const part of ['Entry 3 : was changed', 'file is missing 1-5.gz', 'Journal 9 : is damaged'])
      expect(text.replaceAll(' :', ':')).to.contain(part.replaceAll(' :', ':'))
    expect(links).to.deep.equal(['/audit?entry=3', '/audit?entry=5'])
    expect(text).not.to.contain('The journal agrees')
  })

  it('does not claim what was not compared', async () => {
    const { text } = await show({ limits: [{ code: 'audit.limit.no_broker' }] })
    expect(text).not.to.contain('The journal agrees')
    expect((await show({ ok: false, problems: Array(100).fill({ seq: 1, problem: 'altered' }) })).heading).to.equal(
      'First 100',
    )
  })
})
