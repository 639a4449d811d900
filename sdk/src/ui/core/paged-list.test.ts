import { expect } from 'chai'
import { html, LitElement } from 'lit'
import { fixture, playPanel, type Sent, until, useMessages } from '../testing/fixture.js'
import '../elements/more.js'
import { PagedList } from './paged-list.js'

interface Row {
  readonly id: number
  readonly busy?: boolean
}

class Rows extends LitElement {
  word = ''
  readonly list = new PagedList<Row>(this, {
    path: '/rows',
    query: () => ({ q: this.word || undefined }),
    key: row => row.id,
    moving: row => row.busy === true,
  })

  override render() {
    return html`<p>${this.list.items?.map(row => row.id).join()}</p>
      <nusa-more .list=${this.list}></nusa-more>`
  }
}
customElements.define('test-rows', Rows)

const rows = (from: number, to: number): Row[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ id: from + index }))
const query = ({ path }: Sent) => Object.fromEntries(new URL(path, location.origin).searchParams)

describe('a list that comes in pages', () => {
  let panel: ReturnType<typeof playPanel> | undefined
  before(() => useMessages({ shell: { 'list.more': '{shown} of {total}', 'action.more': 'More' } }))
  afterEach(() => {
    for (const element of document.querySelectorAll('test-rows')) element.remove()
    panel?.restore()
  })
  const shown = (element: Rows) => element.renderRoot.querySelector('p')?.textContent ?? ''
  const button = (element: Rows) =>
    element.renderRoot.querySelector('nusa-more')?.renderRoot.querySelector('nusa-button')
  const open = () => fixture<Rows>(html`<test-rows></test-rows>`)

  it('is asked for without a limit where the panel gives it whole', async () => {
    class Whole extends LitElement {
      readonly list = new PagedList<Row>(this, { path: '/rows', whole: true, key: row => row.id })
    }
    customElements.define('test-whole', Whole)
    panel = playPanel(() => ({ body: { items: rows(1, 3) } }))
    const element = await fixture<Whole>(html`<test-whole></test-whole>`)
    await until('the rows', () => element.list.items?.length === 3)
    expect(panel.sent.map(({ path }) => path)).to.deep.equal(['/api/v1/rows'])
    expect(element.list.more).to.equal(false)
    element.remove()
  })

  it('shows the next page below the first, and how many there are', async () => {
    panel = playPanel(sent =>
      query(sent).cursor
        ? { body: { items: rows(51, 60), total: 60 } }
        : { body: { items: rows(1, 50), nextCursor: 'next', total: 60 } },
    )
    const element = await open()
    const more = await until('the button', () => button(element))
    expect(more.textContent).to.contain('50 of 60')
    more.click()
    await until('the second page', () => shown(element).endsWith(',60'))
    expect(query(panel.sent[1] as Sent)).to.deep.equal({ limit: '50', cursor: 'next' })
    await until('the button to go', () => !button(element))
  })

  it('keeps the pages that are shown when it is asked for again, with what came new and without what went', async () => {
    let first: Row[] = rows(1, 50)
    panel = playPanel(sent => {
      const { cursor, limit } = query(sent)
      if (cursor) return { body: { items: rows(51, 260), nextCursor: 'third' } }
      return { body: { items: first.slice(0, Number(limit)), nextCursor: 'next' } }
    })
    const element = await open()
    await until('the first page', () => element.list.items)
    await element.list.loadMore()
    first = [{ id: 0 }, ...rows(1, 259).filter(row => row.id !== 7)]
    await element.list.load()
    const ids = element.list.items?.map(row => row.id) ?? []
    expect(ids.slice(0, 8)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 8])
    expect(ids).to.deep.equal([...new Set(ids)])
    expect(ids.at(-1)).to.equal(260)
    expect(query(panel.sent[2] as Sent).limit).to.equal('200')
    expect(element.list.more).to.equal(true)
    await element.list.loadMore()
    expect(query(panel.sent[3] as Sent).cursor).to.equal('third')
  })

  it('asks again while something moves, and rests when nothing does', async function () {
    this.timeout(10_000)
    panel = playPanel(() => ({ body: { items: [{ id: 1, busy: (panel?.sent.length ?? 0) < 2 }] } }))
    const element = await open()
    await until('the second request', () => element.list.items?.[0]?.busy === false, 8_000)
    expect(panel.sent.length).to.equal(2)
  })

  it('shows the answer to the last filter only, whatever comes last', async () => {
    const answers: Record<string, () => void> = {}
    panel = playPanel(
      sent =>
        new Promise(resolve => {
          const { q = '' } = query(sent)
          answers[q] = () => resolve({ body: { items: [{ id: q.length }] } })
        }),
    )
    const element = await open()
    element.word = 'a'
    element.list.restart()
    element.word = 'ab'
    element.list.restart()
    for (const word of ['ab', 'a', '']) answers[word]?.()
    await until('the answer', () => shown(element) === '2')
    await new Promise(resolve => setTimeout(resolve))
    expect(element.list.items).to.deep.equal([{ id: 2 }])
  })

  it('tells a failure instead of the list before anything is shown, and leaves what is shown alone later', async () => {
    let failing = true
    panel = playPanel(() =>
      failing ? { status: 500, body: { status: 500, code: 'broken' } } : { body: { items: [{ id: 1 }] } },
    )
    const element = await open()
    await until('the failure', () => element.list.error)
    failing = false
    await element.list.load()
    expect([element.list.error, element.list.items?.length]).to.deep.equal([undefined, 1])
    failing = true
    await element.list.load()
    expect([element.list.error, element.list.items?.length]).to.deep.equal([undefined, 1])
  })

  it('tells a failure instead of what answered the filters before', async () => {
    panel = playPanel(sent =>
      query(sent).q
        ? { status: 500, body: { status: 500, code: 'broken' } }
        : { body: { items: rows(1, 60), total: 60 } },
    )
    const element = await open()
    await until('the rows', () => element.list.items)
    element.word = 'a'
    element.list.restart({ typing: true })
    await until('the failure', () => element.list.error)
    expect([element.list.items, element.list.total, shown(element)]).to.deep.equal([undefined, undefined, ''])
    element.word = ''
    element.list.restart({ typing: true })
    await until('the rows again', () => element.list.items?.length === 60)
    expect(element.list.error).to.equal(undefined)
  })

  it('takes no answer after it was taken away', async () => {
    let answer = () => {}
    panel = playPanel(
      () =>
        new Promise(resolve => {
          answer = () => resolve({ body: { items: [{ id: 1, busy: true }] } })
        }),
    )
    const element = await open()
    element.remove()
    answer()
    await new Promise(resolve => setTimeout(resolve))
    expect(element.list.items).to.equal(undefined)
  })
})
