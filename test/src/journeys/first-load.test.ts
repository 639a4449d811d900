import { expect } from 'chai'
import { theWorld } from './world.js'

const kibibytes = 150
const requests = 12

describe('journey: the first load', function () {
  this.timeout(60_000)

  it(`of the signed-in shell takes at most ${kibibytes} KiB in ${requests} requests`, async () => {
    const world = await theWorld()
    const visitor = await world.visitAs(world.admin)
    const debugging = await visitor.context.newCDPSession(visitor.page)
    await debugging.send('Network.enable')
    const bytes = new Map<string, number>()
    const paths = new Map<string, string>()
    debugging.on('Network.requestWillBeSent', ({ requestId, request }) =>
      paths.set(requestId, new URL(request.url).pathname),
    )
    // Heads and bodies as they crossed the wire, compressed.
    debugging.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
      bytes.set(requestId, encodedDataLength),
    )
    await visitor.open('/')
    await visitor.heading('Overview').waitFor()
    await visitor.page.locator('nusa-card').first().waitFor()
    await visitor.settled()
    await visitor.page.waitForLoadState('load')

    const shell = [...paths].filter(([, path]) => !path.startsWith('/api/v1/events'))
    const size = shell.reduce((sum, [id]) => sum + (bytes.get(id) ?? 0), 0)
    console.log(`      first load: ${(size / 1024).toFixed(1)} KiB in ${shell.length} requests`)
    for (const [id, path] of shell)
      console.log(`        ${((bytes.get(id) ?? 0) / 1024).toFixed(1).padStart(6)} KiB ${path}`)
    expect(size).to.be.above(10 * 1024)
    expect(size / 1024).to.be.at.most(kibibytes)
    expect(shell.length).to.be.at.most(requests)
    await visitor.leave()
  })
})
