import { expect } from 'chai'
import { until } from '../testing/fixture.js'
import { followHistory, holdPage, linkOfClick, matchPath, navigate, routeEvent } from './router.js'

function click(html: HTMLAnchorElement, init: MouseEventInit = {}): string | null {
  let found: string | null = null
  const listener = (event: MouseEvent) => {
    found = linkOfClick(event)
    event.preventDefault()
  }
  document.addEventListener('click', listener, { once: true })
  document.body.append(html)
  html.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, ...init }))
  html.remove()
  return found
}

function link(href: string, target = ''): HTMLAnchorElement {
  return Object.assign(document.createElement('a'), { href, target })
}

describe('routing', () => {
  it('matches paths with parameters, decoded, and refuses malformed ones', () => {
    expect(matchPath('/sites/:id', '/sites/a%20b')).to.deep.equal({ id: 'a b' })
    expect(matchPath('/sites/:id', '/sites')).to.equal(null)
    expect(matchPath('/sites/:id', '/sites/%E0%A4%A')).to.equal(null)
    for (const id of ['..%2Fjobs', '%2E%2E', 'x%3Fdry_run=true', 'x%23y', '..%5Cjobs'])
      expect(matchPath('/sites/:id', `/sites/${id}`), id).to.equal(null)
  })

  it('follows plain clicks on its own pages only', () => {
    expect(click(link('/jobs?x=1#y'))).to.equal('/jobs?x=1#y')
    expect(click(link('/jobs'), { ctrlKey: true })).to.equal(null)
    expect(click(link('/jobs', '_blank'))).to.equal(null)
    expect(click(link('https://elsewhere.test/'))).to.equal(null)
    expect(click(link('/api/v1/audit/export'))).to.equal(null)
  })

  it('tells listeners and adds no history entry for the same page', () => {
    const start = location.pathname + location.search
    let told = 0
    const listener = () => told++
    window.addEventListener(routeEvent, listener)
    const length = history.length
    navigate(start)
    window.removeEventListener(routeEvent, listener)
    expect(told).to.equal(1)
    expect(history.length).to.equal(length)
  })

  describe('while something is unsaved', () => {
    const start = location.pathname + location.search
    let asked: (() => void)[] = []
    let letGo: () => void
    const closable = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))

    beforeEach(() => {
      asked = []
      history.pushState(null, '', '/held')
      letGo = holdPage(leave => asked.push(leave))
    })
    afterEach(() => {
      letGo()
      history.replaceState(null, '', start)
    })

    it('asks before another page, and goes there when told to', () => {
      navigate('/elsewhere')
      expect([location.pathname, asked.length]).to.deep.equal(['/held', 1])
      expect(closable()).to.equal(false)
      asked[0]?.()
      expect(location.pathname).to.equal('/elsewhere')
    })

    it('stays out of the way of the page itself, and when it is saved', () => {
      navigate('/held#tab')
      expect(location.hash).to.equal('#tab')
      letGo()
      navigate('/elsewhere')
      expect([location.pathname, asked.length]).to.deep.equal(['/elsewhere', 0])
      expect(closable()).to.equal(true)
    })

    it('comes back from the back button before anybody sees it', async () => {
      const stop = followHistory()
      let told = 0
      const listener = () => told++
      window.addEventListener(routeEvent, listener)
      history.back()
      await until('the question', () => asked.length > 0)
      expect([location.pathname, told]).to.deep.equal(['/held', 0])
      asked[0]?.()
      expect([location.pathname + location.search, told]).to.deep.equal([start, 1])
      letGo()
      history.back()
      await until('the page before', () => told === 2)
      window.removeEventListener(routeEvent, listener)
      stop()
    })
  })
})
