import { type AddressInfo, createServer, type Server } from 'node:net'
import { basename } from 'node:path'
import { expect } from 'chai'
import type { Host } from '../host.js'
import { refuseForeign } from './port-holders.js'

/** The service to be is a process that holds nothing; who holds the port is this one. */
const none = async () => []
const self = async () => [process.pid]

describe('the ports of the sites', function () {
  this.timeout(20_000)
  let server: Server | undefined
  afterEach(() => new Promise(resolve => (server ? server.close(resolve) : resolve(undefined))))

  async function take(address: string): Promise<number> {
    const own = createServer()
    server = own
    await new Promise<void>(resolve => own.listen(0, address, resolve))
    return (own.address() as AddressInfo).port
  }
  const host = (port: number, four = '0.0.0.0'): Pick<Host, 'listeners'> => ({
    listeners: () => ({ http: `${four}:${port}`, http6: `[::1]:${port}`, https: `${four}:1`, https6: '[::1]:1' }),
  })
  const refused = async (port: number, four?: string) => {
    const failure = await refuseForeign(host(port, four), ['http'], none).catch(error => error)
    return failure && [failure.code, failure.params.listener, failure.params.pid]
  }

  it('are refused with the name of the program that has one of them', async () => {
    const port = await take('127.0.0.1')
    const failure = await refuseForeign(host(port), ['http'], none).catch(error => error)
    expect(failure.code).to.equal('listener_taken')
    expect(failure.params).to.include({ listener: `127.0.0.1:${port}`, pid: process.pid })
    expect(failure.params.program).to.equal(basename(process.execPath))
  })

  it('are the service’s own while one of its processes has them, and free when nobody asks for them', async () => {
    const port = await take('127.0.0.1')
    await refuseForeign(host(port), ['http'], self)
    await refuseForeign(host(port), ['https'], none)
    await refuseForeign(host(port), [], none)
    await refuseForeign(host(port, '127.0.0.2'), ['http'], none)
  })

  it('are taken by a wildcard of either family', async () => {
    const port = await take('::')
    expect(await refused(port, '127.0.0.1')).to.deep.equal(['listener_taken', `[::]:${port}`, process.pid])
  })

  it('are waited for while a killed process still lets go of them', async () => {
    const port = await take('127.0.0.1')
    const waiting = refuseForeign(host(port), ['http'], none)
    server?.close()
    await waiting
  })
})
