import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { holders, listening, ownPorts } from './listening.js'

describe('who listens', () => {
  const servers: Server[] = []
  const open = async (host: string) => {
    const server = createServer()
    servers.push(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, host, resolve)
    })
    return (server.address() as AddressInfo).port
  }
  afterEach(() => Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve)))))

  for (const address of ['127.0.0.1', '0.0.0.0', '::1', '::'])
    it(`names the address ${address} as people write it, and who holds it`, async () => {
      const port = await open(address)
      const found = listening().filter(socket => socket.port === port)
      expect(found.map(socket => [socket.address, socket.uid])).to.deep.equal([[address, process.getuid?.()]])
      const [holder] = holders(new Set(found.map(({ inode }) => inode))).get(found[0]?.inode ?? '') ?? []
      expect(holder?.pid).to.equal(process.pid)
      expect(holder?.program).not.to.equal('')
      expect([...ownPorts()]).to.include(port)
    })

  it('forgets a port that was given up', async () => {
    const port = await open('127.0.0.1')
    await new Promise(resolve => servers.pop()?.close(resolve))
    expect([...ownPorts()]).not.to.include(port)
  })
})
