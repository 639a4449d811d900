import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import { count, unreadCount } from '../layout/notifications.js'
import './notification-list.js'

describe('the inbox', () => {
  let panel: ReturnType<typeof playPanel>
  let read: Set<string>
  before(() =>
    useMessages({
      shell: { 'inbox.read-all': 'All read', 'inbox.read': 'Read {text}', 'inbox.empty': 'Nothing' },
      demo: { 'demo.full': 'Disk {disk} is full' },
    }),
  )
  const item = (id: string, more = {}) => ({
    id,
    plugin: 'demo',
    code: 'demo.full',
    params: { disk: id },
    severity: 'warning',
    updatedAt: '2026-03-01T10:00:00.000Z',
    read: read.has(id),
    ...more,
  })
  beforeEach(() => {
    read = new Set(['old'])
    panel = playPanel(({ method, path }) => {
      if (method === 'POST') {
        const id = /notifications\/([a-z]+)\/read/.exec(path)?.[1]
        for (const each of id ? [id] : ['sda', 'sdb']) read.add(each)
        return { status: 204 }
      }
      const all = [item('sda', { link: '/sites/1' }), item('sdb', { severity: 'critical' }), item('old')]
      const items = path.includes('unread=true') ? all.filter(({ id }) => !read.has(id)) : all
      return { body: { items, total: items.length } }
    })
  })
  afterEach(() => {
    document.body.replaceChildren()
    panel.restore()
  })
  const open = async () => {
    await count()
    const list = await fixture(html`<nusa-notification-list></nusa-notification-list>`)
    const root = list.shadowRoot as ShadowRoot
    await until('the list', () => root.querySelectorAll('li').length === 3)
    return root
  }
  const unread = (root: ShadowRoot) => root.querySelectorAll('li.unread').length

  it('tells what each is about, how bad it is, and where to look', async () => {
    const root = await open()
    const [first, second] = root.querySelectorAll('li')
    expect(first?.querySelector('a')?.getAttribute('href')).to.equal('/sites/1')
    expect(first?.textContent).to.contain('Disk sda is full')
    expect(second?.className).to.contain('critical')
    expect([unread(root), unreadCount()]).to.deep.equal([2, 2])
  })

  it('marks one as read, and all', async () => {
    const root = await open()
    root.querySelector<HTMLElement>('li nusa-button')?.click()
    await until('one to be read', () => unread(root) === 1 && unreadCount() === 1)
    root.querySelector<HTMLElement>('.bar nusa-button')?.click()
    await until('all to be read', () => unread(root) === 0 && unreadCount() === 0)
    expect(panel.sent.filter(({ method }) => method === 'POST').map(({ path }) => path)).to.deep.equal([
      '/api/v1/notifications/sda/read',
      '/api/v1/notifications/read',
    ])
  })

  it('marks as read what the reader goes to', async () => {
    const root = await open()
    const link = root.querySelector('a')
    link?.addEventListener('click', event => event.preventDefault())
    link?.click()
    await until('it to be read', () => read.has('sda') && unread(root) === 1)
  })
})
