import { expect } from 'chai'
import { html, LitElement } from 'lit'
import { toCsv } from '../core/csv.js'
import { PagedList } from '../core/paged-list.js'
import { fixture, playPanel, type Sent, until, useMessages } from '../testing/fixture.js'
import './list.js'
import type { BulkAction, List } from './list.js'
import type { Column } from './table.js'

interface Row {
  readonly id: number
  readonly name: string
  readonly size: number
}

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: index, name: `row ${index}`, size: (index * 7919) % count }))
const columns: readonly Column<Row>[] = [
  { id: 'name', label: 'Name', kind: 'main', cell: row => row.name, text: row => row.name, sort: 'name' },
  { id: 'size', label: 'Size', kind: 'end', cell: row => row.size, text: row => row.size },
]
const query = ({ path }: Sent) => Object.fromEntries(new URL(path, location.origin).searchParams)

class Whole extends LitElement {
  actions: readonly BulkAction<Row>[] = []
  readonly list = new PagedList<Row>(this, { path: '/rows', whole: true, key: row => row.id })
  override render() {
    return html`<nusa-list label="Rows" file="rows" .list=${this.list} .columns=${columns} .actions=${this.actions}>
      <p slot="empty">Nothing at all</p>
    </nusa-list>`
  }
}
customElements.define('test-whole-list', Whole)

class Paged extends LitElement {
  readonly list = new PagedList<Row>(this, { path: '/rows', key: row => row.id })
  override render() {
    return html`<nusa-list searchable label="Rows" .list=${this.list} .columns=${columns}></nusa-list>`
  }
}
customElements.define('test-paged-list', Paged)

describe('a list with search, order and selection', () => {
  let panel: ReturnType<typeof playPanel> | undefined
  before(() =>
    useMessages({
      shell: {
        'list.selected': '{count} selected',
        'list.select-all': 'All',
        'list.select-row': 'Select {name}',
        'list.no-match': 'Nothing matches',
        'list.search': 'Search',
        'list.export': 'CSV',
      },
    }),
  )
  afterEach(() => {
    for (const element of document.querySelectorAll('test-whole-list, test-paged-list')) element.remove()
    panel?.restore()
  })
  const listOf = (element: LitElement) => element.renderRoot.querySelector('nusa-list') as List<Row>
  const tableOf = (element: LitElement) => listOf(element).renderRoot.querySelector('nusa-table') as LitElement
  const inTable = <T extends Element>(element: LitElement, selector: string) => [
    ...(tableOf(element)?.renderRoot.querySelectorAll<T & HTMLElement>(selector) ?? []),
  ]
  const cells = (element: LitElement) => inTable(element, 'td.main').map(cell => cell.textContent?.trim())
  const heading = (element: LitElement, label: string) =>
    inTable<HTMLButtonElement>(element, 'th button').find(button => button.textContent?.includes(label)) as HTMLElement
  async function whole(rows: readonly Row[], actions: readonly BulkAction<Row>[] = []) {
    panel = playPanel(() => ({ body: { items: rows } }))
    const element = document.createElement('test-whole-list') as Whole
    element.actions = actions
    document.body.append(element)
    await until('the rows', () => element.list.items)
    await listOf(element).updateComplete
    await tableOf(element).updateComplete
    return element
  }

  it('orders what is whole by numbers as numbers, both ways, and says so to assistive technology', async () => {
    const element = await whole(rowsOf(12))
    heading(element, 'Size').click()
    const sizes = () => inTable(element, 'td.end').map(cell => Number(cell.textContent))
    await until('the order', () => sizes().every((size, index) => size === index))
    heading(element, 'Size').click()
    await until('the other way', () => sizes()[0] === 11)
    expect(heading(element, 'Size').closest('th')?.getAttribute('aria-sort')).to.equal('descending')
    expect(heading(element, 'Name').closest('th')?.getAttribute('aria-sort')).to.equal('none')
  })

  it('searches what is whole at once, and says when nothing matches', async () => {
    const element = await whole(rowsOf(12))
    element.list.find('ROW 11')
    await until('the row', () => cells(element).length === 1)
    expect(cells(element)).to.deep.equal(['row 11'])
    element.list.find('nowhere')
    const empty = await until('the answer', () => tableOf(element).querySelector('nusa-empty'))
    expect(empty.getAttribute('heading')).to.equal('Nothing matches')
    expect(panel?.sent).to.have.length(1)
  })

  it('asks the panel for order and search of what comes in pages', async () => {
    panel = playPanel(() => ({ body: { items: rowsOf(3), nextCursor: 'more' } }))
    const element = await fixture<Paged>(html`<test-paged-list></test-paged-list>`)
    await until('the rows', () => cells(element).length === 3)
    expect(inTable(element, 'th button').map(button => button.textContent?.trim())).to.deep.equal(['Name'])
    heading(element, 'Name').click()
    await until('the request', () => panel?.sent.length === 2)
    await until('the rows', () => cells(element).length === 3)
    heading(element, 'Name').click()
    await until('the request', () => panel?.sent.length === 3)
    element.list.find('x')
    await until('the request', () => panel?.sent.length === 4)
    expect(panel.sent.slice(1).map(query)).to.deep.equal([
      { limit: '50', sort: 'name' },
      { limit: '50', sort: '-name' },
      { limit: '50', sort: '-name', q: 'x' },
    ])
  })

  it('does something with what is selected, and keeps the selection when that fails', async () => {
    const done: number[][] = []
    let fails = true
    const element = await whole(rowsOf(4), [
      {
        label: 'Do it',
        icon: 'play',
        run: async rows => {
          if (fails) throw new Error('no')
          done.push(rows.map(({ id }) => id))
        },
      },
    ])
    const boxes = () => inTable<HTMLInputElement>(element, 'td.select input') as unknown as HTMLInputElement[]
    expect(boxes()[1]?.getAttribute('aria-label')).to.equal('Select row 1')
    boxes()[1]?.click()
    await listOf(element).updateComplete
    boxes()[3]?.click()
    const bar = await until('the bar', () => listOf(element).renderRoot.querySelector('nusa-selection'))
    const told = () => bar.shadowRoot?.textContent
    await until('both', () => told()?.includes('2 selected'))
    const act = () => listOf(element).renderRoot.querySelector<HTMLElement>('nusa-selection nusa-button')?.click()
    act()
    await until('the failure', () => !listOf(element).renderRoot.querySelector('nusa-selection nusa-button[busy]'))
    expect(told()).to.contain('2 selected')
    fails = false
    act()
    await until('the end', () => !listOf(element).renderRoot.querySelector('nusa-selection'))
    expect(done).to.deep.equal([[1, 3]])
  })

  it('stays smooth with ten thousand rows: few are in the page, all can be reached', async () => {
    const began = performance.now()
    const element = await whole(rowsOf(10_000))
    await until('the rows', () => cells(element).length > 0)
    expect(performance.now() - began, 'milliseconds to the first rows').to.be.lessThan(2_000)
    const height = () => tableOf(element).getBoundingClientRect().height
    expect(inTable(element, 'tbody tr').length).to.be.lessThan(500)
    expect(height()).to.be.greaterThan(10_000 * 20)
    expect(inTable(element, 'table')[0]?.getAttribute('aria-rowcount')).to.equal('10001')
    window.scrollTo(0, document.documentElement.scrollHeight)
    await until('the last row', () => cells(element).includes('row 9999'))
    const last = inTable(element, 'tr[aria-rowindex]').at(-1)
    expect(last?.getAttribute('aria-rowindex')).to.equal('10001')
    expect(inTable(element, 'tbody tr').length).to.be.lessThan(800)
    const before = performance.now()
    heading(element, 'Size').click()
    await listOf(element).updateComplete
    await tableOf(element).updateComplete
    expect(performance.now() - before, 'milliseconds to order them').to.be.lessThan(1_000)
    window.scrollTo(0, 0)
  })

  it('is written as a file that no spreadsheet takes for a formula', () => {
    const rows = [
      { id: 1, name: '=1+1', size: -4 },
      { id: 2, name: 'a "b", c', size: 5 },
    ]
    expect(toCsv(columns, rows)).to.equal('Name,Size\r\n\'=1+1,-4\r\n"a ""b"", c",5\r\n')
  })
})
