import { expect } from 'chai'
import { onToast, toast, toasts } from './toast.js'

describe('toasts', () => {
  it('can be read again: the last fifty, newest first', () => {
    const heard: number[] = []
    const stop = onToast(({ id }) => heard.push(id))
    for (let n = 0; n < 60; n++) toast(`message ${n}`, { tone: 'success' })
    stop()
    expect(heard).to.have.length(60)
    expect(toasts()).to.have.length(50)
    expect(toasts()[0]).to.include({ message: 'message 59', tone: 'success' })
    expect(toasts()[0]?.at).to.be.instanceOf(Date)
    expect(toasts().at(-1)?.message).to.equal('message 10')
  })
})
