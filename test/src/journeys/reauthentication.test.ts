import { fileURLToPath } from 'node:url'
import { createTestPanel } from '@nusantara/kernel/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { inspect } from './inspect.js'
import { codeOf } from './totp.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

interface State {
  readonly knex: (table: string) => { update(set: Record<string, unknown>): Promise<number> }
}

const { State }: { State: new () => State } = await import(
  new URL('../../../kernel/dist/state/state.js', import.meta.url).href
)
const { Sessions }: { Sessions: new () => { revokeAll(user: string, knex: unknown): Promise<number> } } = await import(
  new URL('../../../kernel/dist/auth/sessions.js', import.meta.url).href
)
const sites = fileURLToPath(new URL('../../../plugins/sites', import.meta.url))

describe('journey: proving once more who one is', function () {
  this.timeout(60_000)
  let panel: TestPanel
  let visitor: Visitor
  let userId: string

  before(async () => {
    panel = await createTestPanel({ plugins: [sites] })
    visitor = await Visitor.arrive(await sharedBrowser(), panel.url)
    const { username, password } = panel.people.admin
    await visitor.api.signIn(username, password)
    const known = await visitor.api.get<{ user: { id: string } }>('/auth/session')
    userId = known.body.user.id
    await visitor.open('/plugins/sites')
    visitor.faults.expect(/^403 POST \/api\/v1\/plugins\/sites\/(dis|en)able$/)
  })
  after(() => panel?.stop())

  const question = () => visitor.page.getByRole('dialog', { name: 'Is it still you?' })
  const password = () => visitor.dialog.getByLabel('Password', { exact: true })

  /** The last proof is longer ago than a high-risk permission accepts. */
  async function timePasses(): Promise<void> {
    const then = new Date(Date.now() - 11 * 60_000).toISOString()
    await panel.resolve(State).knex('sessions').update({ reauthenticated_at: then })
  }

  /** Presses the button of the plugin's page; with `Disable` also the one of its dialogue. */
  async function press(button: 'Enable' | 'Disable'): Promise<void> {
    await ready(button)
    await visitor.button(button).click()
    if (button === 'Disable') await visitor.dialog.getByRole('button', { name: 'Disable' }).click()
  }

  /** What was asked before is over: a button that is still busy with it does nothing. */
  const ready = (button: string) =>
    visitor.page.locator('nusa-button[slot=actions]:not([busy])', { hasText: button }).waitFor()

  const focused = (): Promise<string> =>
    visitor.page.evaluate(() => {
      let element: Element | null = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      const slotted = [...(element?.querySelectorAll('slot') ?? [])].flatMap(slot => slot.assignedNodes())
      const labels = [...((element as HTMLInputElement | null)?.labels ?? [])]
      const text = [
        element?.getAttribute('aria-label'),
        ...[...labels, element, ...slotted].map(node => node?.textContent),
      ]
      return text.find(part => part?.trim())?.trim() ?? ''
    })

  it('is not asked for right after signing in', async () => {
    await press('Disable')
    await visitor.button('Enable').waitFor()
    expect(await question().count()).to.equal(0)
  })

  it('is asked for before a high-risk action, with the focus in the field', async () => {
    await timePasses()
    await ready('Enable')
    await visitor.button('Enable').focus()
    await visitor.page.keyboard.press('Enter')
    await question().waitFor()
    expect(await focused()).to.equal('Password')
    await inspect(visitor, 'reauthenticate')
  })

  it('says beside the field that the password is wrong, and keeps asking', async () => {
    visitor.faults.expect(/^401 POST \/api\/v1\/auth\/reauthenticate$/)
    await visitor.page.keyboard.type('not the password')
    await visitor.page.keyboard.press('Enter')
    await visitor.dialog.getByText('The password is wrong.').waitFor()
    expect(await focused()).to.equal('Password')
    expect(visitor.path).to.equal('/plugins/sites')
    await inspect(visitor, 'reauthenticate-wrong')
  })

  it('leaves everything as it is when the reader says no, and gives the focus back', async () => {
    await visitor.page.keyboard.press('Escape')
    await question().waitFor({ state: 'detached' })
    await visitor.button('Enable').waitFor()
    await visitor.text('This needs your password or a code entered within').waitFor()
    await ready('Enable')
    expect(await focused()).to.equal('Enable')
  })

  it('goes on with what was asked once the password is right, and does not ask again soon', async () => {
    await visitor.page.keyboard.press('Enter')
    await question().waitFor()
    await visitor.page.keyboard.type(panel.people.admin.password)
    await visitor.page.keyboard.press('Enter')
    await visitor.button('Disable').waitFor()
    await visitor.text('Sites is enabled.').first().waitFor()
    await press('Disable')
    await visitor.button('Enable').waitFor()
    expect(await question().count()).to.equal(0)
  })

  it('gives way to the sign-in when the session ends meanwhile, after which it goes on', async () => {
    await timePasses()
    await press('Enable')
    await question().waitFor()
    await panel.resolve(Sessions).revokeAll(userId, panel.resolve(State).knex)
    await password().fill(panel.people.admin.password)
    await visitor.page.keyboard.press('Enter')
    await visitor.heading('Sign in').waitFor()
    // The live stream, which the panel ended with the session, may ask again before the sign-in is shown.
    visitor.faults.allow(/^401 GET \/api\/v1\/events$/)
    expect(await question().count()).to.equal(0)
    await visitor.field('User name').fill(panel.people.admin.username)
    await visitor.password('Password').fill(panel.people.admin.password)
    await visitor.button('Sign in').click()
    await visitor.button('Disable').waitFor()
    expect(visitor.path).to.equal('/plugins/sites')
    await visitor.page.waitForFunction(() => document.title.startsWith('Sites · '))
  })

  it('asks whoever has a second factor for a code, or the password instead', async () => {
    const { secret } = await visitor.api.post<{ secret: string }>('/auth/totp/enroll')
    await visitor.api.post('/auth/totp/confirm', { code: codeOf(secret, -1) })
    await visitor.page.reload()
    await timePasses()
    await press('Disable')
    await visitor.dialog.getByRole('textbox', { name: 'Code' }).waitFor()
    expect(await focused()).to.equal('Code')
    await visitor.dialog.getByRole('button', { name: 'Use the password instead' }).click()
    await password().waitFor()
    expect(await focused()).to.equal('Password')
    await visitor.dialog.getByRole('button', { name: 'Use a code instead' }).click()
    expect(await focused()).to.equal('Code')
    const code = codeOf(secret)
    await visitor.page.keyboard.type(`${code.slice(0, 3)} ${code.slice(3)}`)
    await visitor.page.keyboard.press('Enter')
    await visitor.button('Enable').waitFor()
  })

  it('met no other error', () => visitor.leave())
})
