import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { unchecked } from '../schema.js'
import { RawClient } from '../testing/raw-client.js'
import { groupNamed } from '../users.js'
import { Rpc } from './rpc.js'
import { RpcServer } from './server.js'

describe('the sockets of the broker', () => {
  let directory: string
  let server: RpcServer | undefined
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-rpc-`)
  })
  afterEach(async () => {
    await server?.close()
    server = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  const open = async (rpc: Rpc, panelGroup?: string) => {
    server = new RpcServer(rpc, { socketDir: `${directory}/run`, ...(panelGroup !== undefined && { panelGroup }) })
    await server.open()
    return server
  }
  const shape = (path: string) => {
    const { mode, gid } = statSync(path)
    return [(mode & 0o777).toString(8), gid]
  }

  it('let the group of the panel through to one of them, and nobody to the other', async function () {
    if (process.getuid?.() !== 0) this.skip()
    const gid = groupNamed('daemon')?.gid
    const { panelSocket, adminSocket } = await open(new Rpc(), 'daemon')
    expect(shape(`${directory}/run`)).to.deep.equal(['750', gid])
    expect(shape(panelSocket)).to.deep.equal(['660', gid])
    expect(shape(adminSocket)).to.deep.equal(['600', 0])
  })

  it('refuse a group that does not exist', async () => {
    expect(await open(new Rpc(), 'no-such-group').catch((error: Error) => error.message)).to.match(/does not exist/)
  })

  it('number connections in the order in which they were accepted', async () => {
    const rpc = new Rpc()
    rpc.register('audit.head', async (_, { connection }) => connection as never, unchecked)
    const { panelSocket, adminSocket } = await open(rpc)
    const ordinals: unknown[] = []
    for (const path of [panelSocket, adminSocket, panelSocket]) {
      const client = await RawClient.connect(path)
      ordinals.push((await client.call('audit.head', {})).result)
      ordinals.push((await client.call('audit.head', {})).result)
      client.end()
    }
    expect(ordinals).to.deep.equal([1, 1, 2, 2, 3, 3])
    expect(rpc.newestConnection).to.equal(3)
  })
})
