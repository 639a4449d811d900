import { expect } from 'chai'
import { extensionsSchema } from './extensions.js'
import { Joi } from './index.js'
import { object } from './schema.js'

describe('extensionsSchema', () => {
  const ssl = { key: 'ssl', schema: object({ issuer: Joi.string().default('builtin') }), steps: [] }

  it('names the field of an extension that is wrong, below the whole input', () => {
    const input = object({ domain: Joi.string(), extensions: extensionsSchema(() => [ssl]) })
    const { error } = input.validate({ domain: 'a', extensions: { ssl: { issuer: 5 } } }, { abortEarly: false })
    expect(error?.details.map(detail => detail.path.join('.'))).to.deep.equal(['extensions.ssl.issuer'])
    expect(error?.details[0]?.type).to.equal('string.base')
  })

  it('refuses the key of an extension that has gone, and fills defaults of one that is there', () => {
    const running = [ssl]
    const input = object({ extensions: extensionsSchema(() => running) })
    expect(input.validate({ extensions: { ssl: {} } }).value).to.deep.equal({
      extensions: { ssl: { issuer: 'builtin' } },
    })
    running.pop()
    const { error } = input.validate({ extensions: { ssl: {} } })
    expect(error?.details.map(detail => detail.path.join('.'))).to.deep.equal(['extensions.ssl'])
  })

  it('refuses two extensions of one key', () => {
    expect(() => extensionsSchema([ssl, ssl])).to.throw("'ssl'")
  })
})
