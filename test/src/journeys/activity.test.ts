import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { inspect, phone } from './inspect.js'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

interface Created {
  readonly id: string
  readonly job: { readonly id: string }
}

describe('journey: what happened', function () {
  this.timeout(90_000)
  const domain = 'catatan.example'
  let world: World
  let visitor: Visitor
  let site: string
  /** The file of the site that the web server reads. */
  let file: string

  before(async () => {
    world = await theWorld()
    site = await world.api.makeSite({ domain, runtime: { type: 'static' } })
    const { tenant } = (await world.api.get<{ tenant: string }>(`/sites/${site}`)).body
    file = join(world.panel.home, `etc/nginx/nusantara.d/${tenant}.conf`)
    visitor = await world.visitAs(world.admin)
    await visitor.open('/jobs')
    await visitor.heading('Jobs').waitFor()
  })

  const navigation = (name: string) =>
    visitor.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true })
  const row = (text: string | RegExp) => visitor.page.getByRole('row').filter({ hasText: text })
  const brokenFile = () => join(world.panel.home, 'etc/nginx/nusantara.d/zz-by-hand.conf')
  const submit = async (name: string): Promise<string> => {
    const body = { domain: name, runtime: { type: 'redirect', target: 'https://way.example' } }
    return (await world.api.post<Created>('/sites', body)).job.id
  }
  const ended = async (job: string, state: string) => {
    await visitor.page.waitForFunction(
      async ([id, wanted]) =>
        ((await (await fetch(`/api/v1/jobs/${id}`)).json()) as { state: string }).state === wanted,
      [job, state] as const,
    )
  }

  describe('changes', () => {
    it('each tells who made it and why, and what it did to which file', async () => {
      const body = { aliases: [`www.${domain}`] }
      await world.api.finished((await world.api.patch<Created>(`/sites/${site}`, body)).job.id)
      await navigation('Changes').click()
      await visitor.heading('Changes').waitFor()
      await visitor.link(`Change site ${domain}`).first().waitFor()
      await row(`Create site ${domain}`).first().getByText('nusantara.d/').waitFor()
      await inspect(visitor, 'activity-changes')
      await visitor.link(`Change site ${domain}`).first().click()
      await visitor.page
        .locator('.add', { hasText: `www.${domain}` })
        .first()
        .waitFor()
      await visitor.text('sites.update').waitFor()
      await inspect(visitor, 'activity-change')
    })

    it('one whose files changed since is not taken back, and says why', async () => {
      visitor.faults.expect(/^409 POST \/api\/v1\/changes\/[^/]+\/rollback/)
      await visitor.open('/changes')
      await visitor.link(`Create site ${domain}`).first().click()
      await visitor.button('Roll back').click()
      await visitor.dialog.getByText('is not as this change left it').waitFor()
      await visitor.dialog.getByText('Take the later change back').waitFor()
      expect(await visitor.dialog.getByRole('button', { name: 'Roll back' }).isDisabled()).to.equal(true)
      await inspect(visitor, 'activity-rollback-refused')
      await visitor.dialog.getByRole('button', { name: 'Cancel' }).click()
    })

    it('shows its plan before it is taken back, and does exactly that', async () => {
      await visitor.open('/changes')
      await visitor.link(`Change site ${domain}`).first().click()
      await visitor.button('Roll back').click()
      await visitor.dialog.locator('summary').first().click()
      await visitor.dialog
        .locator('.del', { hasText: `www.${domain}` })
        .first()
        .waitFor()
      await inspect(visitor, 'activity-rollback')
      await visitor.dialog.getByRole('button', { name: 'Roll back' }).click()
      await visitor.dialog.getByText('Succeeded').waitFor()
      await visitor.dialog.getByRole('button', { name: 'Done' }).click()
      await visitor.heading(/Taken back/).waitFor()
      await visitor.link('The change that did it').click()
      await visitor.link('The change that was taken back').waitFor()
      await inspect(visitor, 'activity-change-back')
      expect(await readFile(file, 'utf8')).not.to.contain(`www.${domain}`)
      expect((await fetchSite(world.panel.sitesPort, domain)).status).to.be.below(500)
    })
  })

  describe('hand edits', () => {
    it('are kept once the reader has seen what that means', async () => {
      await appendFile(file, '# tuned by hand\n')
      await navigation('Hand edits').click()
      await visitor.page.locator('.add', { hasText: 'tuned by hand' }).waitFor()
      await visitor.button('Keep the edit').click()
      await visitor.dialog.getByText('Nothing is written').waitFor()
      await inspect(visitor, 'activity-adopt')
      await visitor.dialog.getByRole('button', { name: 'Keep the edit' }).click()
      await visitor.page.getByRole('heading', { name: 'Every file is as the panel wrote it' }).waitFor()
      expect(await readFile(file, 'utf8')).to.contain('tuned by hand')
    })

    it('are taken back as shown; one that was edited again meanwhile is shown again first', async () => {
      visitor.faults.expect(/^409 POST \/api\/v1\/drift/)
      await appendFile(file, '# first\n')
      await visitor.button('Look again').click()
      await visitor.button('Take it back').click()
      await visitor.dialog.locator('.del', { hasText: 'first' }).waitFor()
      await inspect(visitor, 'activity-discard')
      await appendFile(file, '# second\n')
      await visitor.dialog.getByRole('button', { name: 'Take it back' }).click()
      await visitor.dialog.getByText('out of date').waitFor()
      await visitor.dialog.locator('.del', { hasText: 'second' }).waitFor()
      await visitor.dialog.getByRole('button', { name: 'Take it back' }).click()
      await visitor.page.getByRole('heading', { name: 'Every file is as the panel wrote it' }).waitFor()
      const text = await readFile(file, 'utf8')
      expect(text).to.contain('tuned by hand').and.not.contain('first')
    })
  })

  describe('jobs and the inbox', () => {
    const failing: string[] = []

    it('a failed job is told to who asked for it, also when they look elsewhere', async () => {
      await writeFile(brokenFile(), 'nonsense;\n')
      failing.push(await submit('gagal-satu.example'), await submit('gagal-dua.example'))
      for (const job of failing) await ended(job, 'failed')
      await visitor.button(/^Notifications, \d+ unread$/).click()
      await visitor.dialog.getByText('Failed: Create site gagal-dua.example').waitFor()
      await inspect(visitor, 'activity-inbox')
      await visitor.dialog.getByRole('tab', { name: /This visit/ }).click()
      await visitor.dialog.getByText('The edit is kept.').waitFor()
      await inspect(visitor, 'activity-inbox-visit')
      await visitor.dialog.getByRole('tab', { name: /For you/ }).click()
      await visitor.dialog.getByRole('link', { name: 'Failed: Create site gagal-satu.example' }).click()
      await visitor.heading('Create site gagal-satu.example').waitFor()
      await visitor.page.getByRole('alert').first().waitFor()
      await inspect(visitor, 'activity-job-failed')
    })

    it('the page of notifications has all, which are read at once', async () => {
      await visitor.open('/notifications')
      await visitor.page.getByText('Failed: Create site gagal-dua.example').waitFor()
      await inspect(visitor, 'activity-notifications')
      await visitor.button('Mark all as read').click()
      await visitor.button('Notifications').waitFor()
      await visitor
        .button(/^Mark as read: /)
        .first()
        .waitFor({ state: 'detached' })
    })

    const selectAll = () => visitor.page.getByRole('checkbox', { name: 'Select all that are listed' }).check()

    it('several run again at once, and are cancelled at once', async () => {
      await rm(brokenFile())
      await visitor.open('/jobs?type=sites')
      await visitor.page.getByRole('searchbox', { name: 'Search' }).fill('gagal')
      await visitor.link(`Create site ${domain}`).waitFor({ state: 'detached' })
      await world.panel.whileBrokerWaits(async () => {
        await selectAll()
        await visitor.text('2 selected').first().waitFor()
        await inspect(visitor, 'activity-jobs-selected')
        await visitor.button('Run again').click()
        await visitor.text('2 jobs run again.').waitFor()
        await row('gagal-satu.example').getByText('Running').waitFor()
        await selectAll()
        await visitor.button('Cancel').click()
        await visitor.text('2 jobs are being cancelled.').waitFor()
      })
      for (const job of failing) await ended(job, 'cancelled')
      await row('gagal-satu.example').getByText('Cancelled').waitFor()
    })

    it('of several, those run again that may; the rest is told', async () => {
      await row('gagal-satu.example').getByRole('checkbox').check()
      await visitor.button('Run again').click()
      await visitor.text('One job runs again.').waitFor()
      await ended(failing[0] ?? '', 'succeeded')
      await row('gagal-satu.example').getByText('Succeeded').waitFor()
      await selectAll()
      await visitor.button('Run again').click()
      await visitor.text('One has not failed.').waitFor()
      await ended(failing[1] ?? '', 'succeeded')
      await row('gagal-dua.example').getByText('Succeeded').waitFor()
    })

    it('the address keeps what is filtered', async () => {
      await visitor.open('/jobs')
      await visitor.page.getByLabel('State').selectOption('Cancelled')
      await visitor.page.getByText('Nothing matches').waitFor()
      await visitor.page.reload()
      await visitor.page.getByText('Nothing matches').waitFor()
      expect(new URL(visitor.page.url()).search).to.equal('?state=cancelled')
      await inspect(visitor, 'activity-jobs-none')
    })
  })

  describe('schedules', () => {
    it('say when they run and how it went, and run at once', async () => {
      await navigation('Schedules').click()
      await visitor.heading('Schedules').waitFor()
      const retention = row('Drop old jobs, events and notifications')
      await retention.getByText('Every hour at minute 23').waitFor()
      await inspect(visitor, 'activity-schedules')
      await visitor.button('Run now: Drop old jobs, events and notifications').click()
      await retention.getByText('Succeeded').waitFor()
      await inspect(visitor, 'activity-schedules-run')
    })
  })

  describe('the audit log', () => {
    it('is filtered by what the reader types, and the address keeps it', async () => {
      await navigation('Audit').click()
      await visitor.heading('Audit').waitFor()
      await visitor.link('schedules.run').first().waitFor()
      await inspect(visitor, 'activity-audit')
      await visitor.page.getByLabel('Action').first().fill('drift')
      await visitor.link('schedules.run').first().waitFor({ state: 'detached' })
      await visitor.page.getByLabel('Who').first().fill('ADMIN')
      await visitor.page.getByLabel('From').fill('2020-01-01')
      await visitor.page.waitForFunction(() => location.search.includes('from=2020-01-01'))
      await visitor.link('drift.settle').first().waitFor()
      await visitor.page.reload()
      await visitor.link('drift.settle').first().waitFor()
      expect(await visitor.page.getByLabel('Who').first().inputValue()).to.equal('ADMIN')
    })

    it('shows an entry with everything that was recorded', async () => {
      await visitor.link('drift.settle').first().click()
      await visitor.dialog.getByText('"action": "discard"').waitFor()
      await visitor.dialog.getByText('the hash of the one before').waitFor()
      await inspect(visitor, 'activity-audit-entry')
      await visitor.page.keyboard.press('Escape')
      await visitor.open('/audit?entry=1')
      await visitor.dialog.getByRole('heading', { name: 'Entry 1', exact: true }).waitFor()
      await visitor.dialog
        .getByRole('button', { name: /^Only admin|^Only / })
        .last()
        .waitFor()
      await visitor.dialog.getByRole('button', { name: 'Close' }).click()
    })

    it('is verified in words, against a checkpoint from elsewhere too', async () => {
      await visitor.link('Verify').click()
      await visitor.heading('Proof of the audit log').waitFor()
      await visitor.button('Verify now').click()
      await visitor.page.getByText(/^All [\d,]+ entries are as they were recorded/).waitFor()
      await visitor.page.getByText('No checkpoint kept elsewhere was given').waitFor()
      await inspect(visitor, 'activity-audit-verified')

      await visitor.button('Make a checkpoint').click()
      const kept = await visitor.page.getByRole('region', { name: 'Checkpoint' }).textContent()
      await inspect(visitor, 'activity-audit-checkpoint')
      await visitor.page.getByText('Compare with a checkpoint kept elsewhere').click()
      const field = visitor.page.getByRole('textbox', { name: 'Checkpoint' })
      await field.fill('not a checkpoint')
      await visitor.button('Verify now').click()
      await visitor.page.locator('#error', { hasText: 'This is no JSON text' }).waitFor()
      expect(await field.evaluate(input => input.matches(':focus'))).to.equal(true)
      await field.fill(kept ?? '')
      await visitor.button('Verify now').click()
      await visitor.page.getByText('No checkpoint kept elsewhere was given').waitFor({ state: 'detached' })

      const forged = { ...JSON.parse(kept ?? ''), root: '0'.repeat(64) }
      await field.fill(JSON.stringify(forged))
      await visitor.button('Verify now').click()
      await visitor.page.getByText('Something is wrong with the log').waitFor()
      await visitor.page.getByText('not signed by the key that it names').waitFor()
      await inspect(visitor, 'activity-audit-broken')
    })

    it('tells a field that the server refuses beside it', async () => {
      visitor.faults.expect(/^422 POST \/api\/v1\/audit\/verify/)
      const field = visitor.page.getByRole('textbox', { name: 'Checkpoint' })
      await field.fill('{"format": "nusantara-audit-checkpoint-1"}')
      await visitor.button('Verify now').click()
      await visitor.page.locator('#error').first().waitFor()
      expect(await field.inputValue()).to.contain('nusantara-audit-checkpoint-1')
    })
  })

  describe('everywhere', () => {
    const paths = ['/jobs', '/schedules', '/changes', '/drift', '/audit', '/audit/verify', '/notifications']

    it('speaks Indonesian', async () => {
      await visitor.choose('Language', 'Bahasa Indonesia')
      await visitor.page.getByRole('navigation', { name: 'Navigasi utama' }).waitFor()
      for (const path of paths) {
        await visitor.open(path)
        await visitor.page.getByRole('heading', { level: 1 }).waitFor()
        await visitor.settled()
        await inspect(visitor, `activity-indonesian${path.replaceAll('/', '-')}`)
      }
      await visitor.choose('Bahasa', 'English')
      await visitor.page.getByRole('navigation', { name: 'Main navigation' }).waitFor()
    })

    it('the navigation stands in groups, as a drawer on a phone', async () => {
      await visitor.page.setViewportSize(phone)
      await visitor.open('/changes')
      await visitor.button('Open the navigation').click()
      await visitor.dialog.getByText('Activity').waitFor()
      await inspect(visitor, 'activity-navigation', [phone])
      await visitor.dialog.getByRole('link', { name: 'Audit' }).click()
      await visitor.heading('Audit').waitFor()
    })

    it('met no error on any page', () => visitor.leave())
  })

  it('is for administrators: others see their own jobs, and their inbox', async () => {
    const person = await world.makePerson('melur')
    const guest = await world.visitAs(person)
    await guest.open('/jobs')
    await guest.heading('Jobs').waitFor()
    await guest.page.getByText('No jobs yet').waitFor()
    expect(await guest.page.getByRole('navigation').getByRole('link', { name: 'Audit' }).count()).to.equal(0)
    await guest.open('/audit')
    await guest.heading('Page not found').waitFor()
    await guest.open('/notifications')
    await guest.page.getByRole('heading', { name: 'No notifications' }).waitFor()
    await guest.leave()
  })
})
