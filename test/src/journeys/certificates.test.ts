import { connect } from 'node:tls'
import { expect } from 'chai'
import { desktop, inspect, phone } from './inspect.js'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { type Person, theWorld, type World } from './world.js'

const wide = { width: 2560, height: 1440 }

/** Of the certificate that a name is answered with over TLS, its names; null when the name has none. */
function presented(port: number, servername: string): Promise<string | null> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? null)
      socket.destroy()
    })
    socket.on('error', () => resolve(null))
  })
}

describe('journey: a site and its certificate', function () {
  this.timeout(90_000)
  const domain = 'kedai-kopi.example'
  let world: World
  let visitor: Visitor
  let person: Person
  let id: string
  let httpsPort: number

  before(async () => {
    world = await theWorld()
    id = await world.api.makeSite({ domain, aliases: [`www.${domain}`, `*.${domain}`], runtime: { type: 'static' } })
    httpsPort = (await world.api.get<{ ports: { https: number } }>('/sites/runtimes')).body.ports.https
    person = await world.makePerson('kartini')
    visitor = await world.visitAs(world.admin)
  })

  const tab = (name: string) => visitor.page.getByRole('tab', { name, exact: true })
  const card = () => visitor.page.locator('nusa-ssl-card')

  /** Confirms what the open dialog shows, once it shows a plan, and waits for its job. */
  async function apply(action: string): Promise<void> {
    await visitor.dialog.locator('nusa-plan').waitFor()
    await visitor.dialog.getByRole('button', { name: action, exact: true }).click()
    await visitor.dialog.getByText('Succeeded').waitFor()
    await visitor.dialog.getByRole('button', { name: 'Done' }).click()
    await visitor.dialog.waitFor({ state: 'hidden' })
  }

  it('is told on the page of all certificates what to do while no site has one', async () => {
    await visitor.open('/certificates')
    await visitor.text('No site has a certificate yet').waitFor()
    await visitor.link(domain).waitFor()
    await inspect(visitor, 'certificates-none')
  })

  it('says on the overview of the site that there is none, and leads to the form', async () => {
    await visitor.open(`/sites/${id}`)
    await card().getByText('The site answers over plain HTTP alone').waitFor()
    await card().scrollIntoViewIfNeeded()
    await inspect(visitor, 'certificate-card-none')
    await card().getByRole('link', { name: 'Get a certificate' }).click()
    await visitor.button('Issue certificate').waitFor()
    expect(visitor.path).to.equal(`/sites/${id}#nusa-ssl-tab`)
  })

  it('checks the names live: what would fail says why and what to do, and can be left out', async () => {
    await visitor.text(/^Checked: \d of 2 names are ready\.$/).waitFor({ timeout: 40_000 })
    await inspect(visitor, 'certificate-issue')
    expect(await visitor.page.getByRole('checkbox', { name: `*.${domain}` }).isDisabled()).to.equal(true)
    await visitor.page.getByRole('checkbox', { name: `www.${domain}` }).uncheck()
    await visitor.text('Left out; it goes on answering over plain HTTP alone.').waitFor()
    await visitor.text('More').last().click()
    await visitor.button('Preview').click()
    await visitor.page.getByRole('heading', { name: 'What will happen' }).waitFor()
    await visitor.text(/certify kedai-kopi\.example$/).waitFor()
    await inspect(visitor, 'certificate-issue-plan')
  })

  it('says in place why an order failed, keeps what was chosen, and tells it on the overview', async () => {
    const nowhere = { id: 'nowhere', name: 'Nowhere CA', directoryUrl: 'https://127.0.0.1:1/directory' }
    await world.api.post('/ssl/authorities', nowhere)
    await visitor.page.reload()
    await visitor.page.getByLabel('Authority', { exact: true }).selectOption('nowhere')
    await visitor.text(/^Checked: /).waitFor({ timeout: 40_000 })
    await visitor.button('Issue certificate').click()
    await visitor.text('Nowhere CA cannot be reached').first().waitFor()
    await visitor.button('Back to the form').waitFor()
    await inspect(visitor, 'certificate-issue-failed')
    await visitor.button('Back to the form').click()
    await visitor.text('The last attempt failed').waitFor()
    expect(await visitor.page.getByLabel('Authority', { exact: true }).inputValue()).to.equal('nowhere')
    await tab('Overview').click()
    await card().getByText('The last attempt failed').waitFor()
    await card().scrollIntoViewIfNeeded()
    await inspect(visitor, 'certificate-card-failed')
    await tab('HTTPS').click()
    await world.api.delete('/ssl/authorities/nowhere')
  })

  it('takes no upload that cannot be served, and says so beside the field', async () => {
    visitor.faults.expect(/^422 POST \/api\/v1\/ssl\/sites\/[^/]+\/upload$/)
    await visitor.button('Use a certificate of your own').click()
    await visitor.field('Certificate, chain and private key').fill('nothing of the kind')
    await visitor.button('Use this certificate').click()
    await visitor.page.locator('#error', { hasText: 'The certificate was not taken' }).waitFor()
    await inspect(visitor, 'certificate-upload')
    await visitor.button('Cancel').click()
    await visitor.button('Issue certificate').waitFor()
  })

  it('gets a self-signed one, which every name presents', async () => {
    await visitor.button('Self-signed, for tests').click()
    await visitor.dialog.locator('nusa-plan').waitFor()
    await inspect(visitor, 'certificate-self-sign')
    await apply('Sign and serve')
    await visitor.text('SHA-256 fingerprint').first().waitFor()
    expect(await visitor.text('The last attempt failed').count()).to.equal(0)
    expect(await presented(httpsPort, `www.${domain}`)).to.contain(domain)
    await visitor.settled()
    await inspect(visitor, 'certificate-served', [desktop, phone, wide])
  })

  it('shows the chain in full', async () => {
    await visitor.text('The certificate in full').click()
    await visitor.text('Serial number').waitFor()
    await inspect(visitor, 'certificate-chain')
  })

  it('changes how it answers, after the plan was shown', async () => {
    await visitor.page.getByRole('checkbox', { name: /^Lead plain HTTP to HTTPS/ }).check()
    await visitor.page.getByLabel('Browsers insist on HTTPS (HSTS)').selectOption('years')
    await visitor.text(/For 2 years there is no way back/).waitFor()
    await visitor.page.locator('nusa-ssl-policy nusa-plan').waitFor()
    await visitor.page.locator('nusa-ssl-policy').evaluate(form => form.scrollIntoView())
    await inspect(visitor, 'certificate-policy')
    await visitor.page.getByLabel('Browsers insist on HTTPS (HSTS)').selectOption('minutes')
    await visitor.page.locator('nusa-ssl-policy .add', { hasText: 'max-age=300' }).first().waitFor()
    await visitor.button('Apply').click()
    await visitor.text(`https://${domain}:${httpsPort}/ is open`).waitFor()
    await inspect(visitor, 'certificate-open')
    const { status, headers } = await fetchSite(world.panel.sitesPort, domain)
    expect([status, headers.location?.startsWith(`https://${domain}`)]).to.deep.equal([308, true])
    await visitor.button('Done').click()
  })

  it('exports the chain as a file', async () => {
    const file = visitor.page.waitForEvent('download')
    await visitor.choose('More about this certificate', 'Export the chain')
    expect((await file).suggestedFilename()).to.equal(`${domain}.pem`)
  })

  it('is told on the overview', async () => {
    await tab('Overview').click()
    await card().getByText('Self-signed').waitFor()
    await card().scrollIntoViewIfNeeded()
    await inspect(visitor, 'certificate-card')
  })

  it('stands among the others, in a list and on a line of time that the keyboard walks along', async () => {
    for (const [index, days] of [12, 13, 14, 45, 47, 80, 400].entries()) {
      const other = await world.api.makeSite({ domain: `toko-${index}.example`, runtime: { type: 'static' } })
      const { job } = await world.api.post<{ job: { id: string } }>(`/ssl/sites/${other}/self-sign`, { days })
      await world.api.finished(job.id)
    }
    await visitor.open('/certificates')
    const figure = visitor.page.getByRole('figure')
    await figure.getByText(/7 end within 90 days, 1 later/).waitFor()
    await inspect(visitor, 'certificates', [desktop, phone, wide])
    await figure.getByRole('button').first().focus()
    await visitor.page.keyboard.press('End')
    await figure.getByRole('link', { name: 'toko-5.example' }).waitFor()
    await visitor.page.getByRole('searchbox', { name: 'Search' }).fill('kedai')
    await visitor.page.getByRole('row', { name: /toko/ }).first().waitFor({ state: 'detached' })
    await visitor.page.getByRole('row', { name: /kedai-kopi/ }).waitFor()
    expect(await visitor.page.getByRole('row', { name: /toko/ }).count()).to.equal(0)
  })

  it('says which of them ask for attention, by form as well as by colour', async () => {
    const attention: Record<string, object> = {
      'toko-0.example': {
        health: 'failed',
        failure: { code: 'ssl.no_certificate', params: {}, at: '2999-01-01T00:00:00Z' },
      },
      'toko-3.example': { health: 'warning', renewAt: new Date().toISOString() },
    }
    await visitor.page.route(/\/api\/v1\/ssl(\/expiry)?(\?|$)/, async route => {
      const answer = await route.fetch()
      const { items, ...page } = (await answer.json()) as { items: { domain: string }[] }
      await route.fulfill({ json: { ...page, items: items.map(item => ({ ...item, ...attention[item.domain] })) } })
    })
    await visitor.page.reload()
    await visitor.page.getByRole('button', { name: /Ends too soon/ }).waitFor()
    await visitor.page.getByRole('button', { name: /Renewal overdue/ }).click()
    await inspect(visitor, 'certificates-attention')
    await visitor.page.unrouteAll()
  })

  it('has further pages for administrators, who add authorities and DNS providers', async () => {
    await tab('Authorities').click()
    await visitor.page.getByRole('row', { name: /staging/ }).waitFor()
    await inspect(visitor, 'certificates-authorities')
    await visitor.button('Add an authority').click()
    await visitor.dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Kantor CA')
    await visitor.dialog.getByRole('textbox', { name: 'ACME directory' }).fill('https://ca.example/directory')
    await inspect(visitor, 'certificates-authority-new')
    await visitor.dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await visitor.page.getByRole('row', { name: /kantor-ca/ }).waitFor()
    await visitor.button('Remove Kantor CA').click()
    await visitor.dialog.getByRole('button', { name: 'Remove', exact: true }).click()
    await visitor.page.getByRole('row', { name: /kantor-ca/ }).waitFor({ state: 'detached' })
    await tab('DNS providers').click()
    await visitor.page.getByRole('heading', { name: 'No DNS providers yet' }).waitFor()
    await inspect(visitor, 'certificates-providers-none')
    await visitor.button('Add a DNS provider').first().click()
    await visitor.dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Name server')
    await visitor.dialog.getByRole('textbox', { name: 'Server', exact: true }).fill('192.0.2.1')
    await inspect(visitor, 'certificates-provider-new')
    await visitor.dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await visitor.page.getByRole('row', { name: /name-server/ }).waitFor()
    await inspect(visitor, 'certificates-providers')
  })

  it('proves wildcards through the provider', async () => {
    await visitor.open(`/sites/${id}#nusa-ssl-tab`)
    await visitor.choose('More about this certificate', 'Have another one issued')
    await visitor.page.getByRole('radio', { name: /^By DNS/ }).check()
    await visitor.page.getByLabel('DNS provider').waitFor()
    expect(await visitor.page.getByRole('checkbox', { name: `*.${domain}` }).isEnabled()).to.equal(true)
    await visitor.text(/^Checked: /).waitFor({ timeout: 40_000 })
    await inspect(visitor, 'certificate-issue-dns')
    await visitor.button('Cancel').click()
  })

  it('speaks Indonesian', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.page.getByRole('heading', { name: 'Cara situs menjawab' }).waitFor()
    await inspect(visitor, 'certificate-indonesian')
    await visitor.open('/certificates')
    await visitor.heading('Sertifikat').waitFor()
    await visitor.text('Kapan sertifikat berakhir').waitFor()
    await inspect(visitor, 'certificates-indonesian')
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Certificates').waitFor()
  })

  it('is switched off when the name of the site is typed', async () => {
    await visitor.open(`/sites/${id}#nusa-ssl-tab`)
    await visitor.choose('More about this certificate', 'Switch HTTPS off')
    await visitor.dialog.locator('nusa-plan').waitFor()
    expect(await visitor.dialog.getByRole('button', { name: 'Switch HTTPS off' }).isDisabled()).to.equal(true)
    await visitor.dialog.getByRole('textbox').fill(domain)
    await inspect(visitor, 'certificate-off')
    await apply('Switch HTTPS off')
    await visitor.button('Issue certificate').waitFor()
    expect(await presented(httpsPort, domain)).to.equal(null)
    expect((await fetchSite(world.panel.sitesPort, domain)).status).to.equal(200)
  })

  it('somebody with an account of their own sees their sites alone, and no authorities', async () => {
    const own = await world.visitAs(person, { viewport: phone })
    await own.open('/certificates')
    await own.page.getByRole('heading', { name: 'No sites yet' }).waitFor()
    await inspect(own, 'certificates-empty')
    expect(await own.page.getByRole('tab').count()).to.equal(0)
    const site = await own.api.makeSite({ domain: 'kain.example', runtime: { type: 'static' } })
    await own.open(`/sites/${site}#nusa-ssl-tab`)
    await own.button('Self-signed, for tests').click()
    await own.dialog.locator('nusa-plan').waitFor()
    await own.dialog.getByRole('button', { name: 'Sign and serve', exact: true }).click()
    await own.dialog.getByText('Succeeded').waitFor()
    await own.dialog.getByRole('button', { name: 'Done' }).click()
    await own.text('SHA-256 fingerprint').first().waitFor()
    await inspect(own, 'certificate-own', [phone])
    await own.page.getByRole('tab', { name: 'Overview' }).click()
    await own.page.locator('nusa-ssl-card').getByText('Self-signed').waitFor()
    await own.page.locator('nusa-ssl-card').evaluate(element => element.scrollIntoView({ block: 'end' }))
    await inspect(own, 'certificate-card-own', [phone])
    await own.leave()
  })

  it('met no error on any page', () => visitor.leave())
})
