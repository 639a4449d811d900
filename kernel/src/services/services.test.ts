import 'reflect-metadata'
import { defineService } from '@nusantara/sdk'
import { expect } from 'chai'
import { Services } from './services.js'

describe('Services', () => {
  const token = defineService<{ hello(): Promise<string> }>('demo.hello')
  const service = { hello: async () => 'hello' }
  const ignore = () => undefined
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

  it('tells who waits when a service comes, goes and comes again', () => {
    const services = new Services(logger)
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
    const services = new Services(logger)
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
    const services = new Services(logger)
    services.provide('demo', token, service)
    expect(() => services.provide('other', token, service)).to.throw('plugin_service_taken')
  })

  it('a plugin that fails when a service comes or goes harms neither its provider nor others who wait', () => {
    const lines: string[] = []
    const services = new Services({ ...logger, error: (_fields: unknown, message: string) => void lines.push(message) })
    const told: string[] = []
    services.when(token, () => {
      throw new Error('no')
    })
    services.when(token, () => {
      told.push('came')
      return () => {
        told.push('went')
        throw new Error('no')
      }
    })
    const withdraw = services.provide('demo', token, service)
    withdraw()
    expect(told).to.deep.equal(['came', 'went'])
    expect(services.find(token)).to.equal(undefined)
    expect(lines).to.have.length(2)
  })
})
