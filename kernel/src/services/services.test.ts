import 'reflect-metadata'
import { defineService } from '@nusantara/sdk'
import { expect } from 'chai'
import { Services } from './services.js'

describe('Services', () => {
  const token = defineService<{ hello(): Promise<string> }>('demo.hello')
  const service = { hello: async () => 'hello' }

  it('tells who waits when a service comes, goes and comes again', () => {
    const services = new Services()
    const told: string[] = []
    const leave = services.when(token, () => {
      told.push('came')
      return () => void told.push('went')
    })
    services.provide('demo', token, service)()
    const withdraw = services.provide('demo', token, service)
    leave()
    withdraw()
    expect(told).to.deep.equal(['came', 'went', 'came', 'went'])
    expect(services.size).to.equal(0)
  })

  it('hands a service that is there at once', () => {
    const services = new Services()
    services.provide('demo', token, service)
    let seen: unknown
    services.when(token, found => {
      seen = found
      return undefined
    })
    expect(seen).to.equal(service)
    expect(services.find(token)).to.equal(service)
  })

  it('refuses a second provider', () => {
    const services = new Services()
    services.provide('demo', token, service)
    expect(() => services.provide('other', token, service)).to.throw('plugin_service_taken')
  })
})
