import { expect } from 'chai'
import { inspect } from './inspect.js'
import { theWorld } from './world.js'

describe('the inspection of a page', function () {
  this.timeout(60_000)

  const bad = {
    'color-contrast': '<main><h1 style="color: #bbb; background: #fff">Pale</h1></main>',
    'button-name': '<main><h1>A</h1><button></button></main>',
    '640 > 360': '<main><h1>Wide</h1><div style="width: 640px">wide</div></main>',
  }
  for (const [rule, html] of Object.entries(bad))
    it(`finds ${rule}`, async () => {
      const visitor = await (await theWorld()).visit()
      await visitor.page.setContent(
        `<!doctype html><html lang="en"><title>Bad</title><body style="margin:0">${html}</body></html>`,
      )
      const failure = await inspect(visitor, 'inspection').catch((error: Error) => error)
      await visitor.leave()
      expect(failure).to.be.instanceOf(Error)
      expect((failure as Error).message).to.contain(rule)
    })

  it('finds an error, a violation and a dialog', async () => {
    const world = await theWorld()
    const visitor = await world.visit()
    await visitor.open('/')
    await visitor.heading('Sign in').waitFor()
    await visitor.page.evaluate(() => {
      console.error('on the console')
      document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/x.png' }))
      setTimeout(() => {
        alert('hello')
        document.title = 'asked'
      })
    })
    await visitor.page.waitForFunction(() => document.title === 'asked')
    const failure = await visitor.leave().catch((error: Error) => error)
    const text = failure instanceof Error ? failure.message : ''
    expect(text).to.contain('on the console').and.to.contain('CSP img-src').and.to.contain('dialog: hello')
  })
})
