import { expect } from 'chai'
import { addMessageSource, joinMessages, locale, say, setLocale, t, translator } from './messages.js'
import { ApiProblem, fieldText } from './problem.js'

const catalogues: Record<string, Record<string, Record<string, string>>> = {
  en: {
    shell: { hello: 'Hello {name}', same: 'shell' },
    kernel: { 'problem.gone': '{what} is gone', 'field.string.max': '{label} is too long' },
    sites: {
      same: 'sites',
      count: '{n, plural, one {# site} other {# sites}}',
      'problem.sites.taken': '{name} is taken',
    },
  },
  id: { shell: { hello: 'Halo {name}', same: 'cangkang' }, kernel: {}, sites: {} },
}

describe('texts', () => {
  before(async () => {
    addMessageSource(async language => catalogues[language] ?? {})
    await setLocale('en')
  })

  it('come from their owner first, then from the kernel and the shell', () => {
    expect(translator('sites')('same')).to.equal('sites')
    expect(t('same')).to.equal('shell')
    expect(translator('sites')('hello', { name: 'Ayu' })).to.equal('Hello Ayu')
    expect(translator('sites')('count', { n: 1 })).to.equal('1 site')
  })

  it('show the key when there is no text, rather than nothing', () => {
    expect(t('no.such.key')).to.equal('no.such.key')
  })

  it('word problems and fields by code, and fall back to what the server said', () => {
    const taken = new ApiProblem({
      status: 409,
      code: 'sites.taken',
      message: 'server text',
      params: { name: 'a.test' },
    })
    expect(taken.reason).to.equal('a.test is taken')
    expect(new ApiProblem({ status: 500, code: 'odd', message: 'server text' }).reason).to.equal('server text')
    expect(fieldText({ path: 'name', code: 'string.max', message: 'x' })).to.equal('name is too long')
  })

  it('switch language without a reload, are remembered, and name the page’s language', async () => {
    await setLocale('id')
    expect(t('hello', { name: 'Ayu' })).to.equal('Halo Ayu')
    expect(document.documentElement.lang).to.equal('id')
    expect(localStorage.getItem('nusa.locale')).to.equal('id')
    expect(locale()).to.equal('id')
    await setLocale('en')
  })

  it('keep the old texts of a source that fails', async () => {
    addMessageSource(() => Promise.reject(new Error('offline')))
    await setLocale('en')
    expect(say({ code: 'hello', params: { name: 'Ayu' } }, 'shell')).to.equal('Hello Ayu')
  })

  it('come along with what is loaded later, and follow the language from then on', async () => {
    await joinMessages(async language => ({ late: { word: `late ${language}` } }))
    expect(translator('late')('word')).to.equal('late en')
    await setLocale('id', { remember: false })
    expect(translator('late')('word')).to.equal('late id')
    await setLocale('en')
    const failed = await joinMessages(() => Promise.reject(new Error('offline'))).catch(String)
    expect(failed).to.contain('offline')
  })

  it('show the language that was chosen last, whichever comes last', async () => {
    const answers: Record<string, () => void> = {}
    addMessageSource(
      language =>
        new Promise(resolve => {
          answers[language] = () => resolve({ late: { 'late.word': language } })
        }),
    )
    const first = setLocale('id', { remember: false })
    const second = setLocale('en', { remember: false })
    answers.en?.()
    await second
    answers.id?.()
    await first
    expect([locale(), translator('late')('late.word')]).to.deep.equal(['en', 'en'])
  })
})
