import { request } from 'node:https'
import { expect } from 'chai'
import { inspect, phone } from './inspect.js'
import { codeOf } from './totp.js'
import type { Visitor } from './visitor.js'
import { type Person, theWorld, type World } from './world.js'

describe('journey: people', function () {
  this.timeout(90_000)
  let world: World
  let admin: Visitor
  let person: Visitor
  let rani: Person

  before(async () => {
    world = await theWorld()
    rani = { username: 'rani', password: 'paper boats on a quiet canal' }
    admin = await world.visitAs(world.admin)
  })

  const box = (visitor: Visitor, name: string | RegExp) => visitor.page.getByRole('checkbox', { name })
  const listed = (visitor: Visitor, name: string) => visitor.page.getByRole('row').filter({ hasText: name })
  /** Follows what `list` shows under that name. */
  const openListed = async (list: string, name: string): Promise<void> => {
    await admin.open(list)
    await admin.page.getByRole('row').getByRole('link', { name, exact: true }).click()
    await admin.heading(new RegExp(`^${name}\\b`)).waitFor()
    await admin.settled()
  }
  const signIn = async (visitor: Visitor, { username, password }: Person): Promise<void> => {
    await visitor.heading('Sign in').waitFor()
    await visitor.field('User name').fill(username)
    await visitor.password('Password').fill(password)
    await visitor.button('Sign in').click()
    await visitor.button('Account menu').waitFor()
  }

  it('a role is made of permissions in words', async () => {
    await admin.open('/people#roles')
    await admin.heading('People').waitFor()
    await listed(admin, 'Administrator').getByText('Built in').waitFor()
    await inspect(admin, 'people-roles')
    await admin.link('New role').click()
    await admin.heading('New role').waitFor()
    await admin.button('New role').click()
    await admin.text('Fill in this field.').waitFor()
    await admin.field('Name').fill('Help desk')
    await admin.field('Description').fill('Answers the phone')
    await admin.page.getByRole('searchbox', { name: 'Search in Permissions' }).fill('users')
    await box(admin, /See users and where/).check()
    await admin.page.getByRole('searchbox', { name: 'Search in Permissions' }).fill('')
    await box(admin, /See one’s own sites/).check()
    await box(admin, /See roles/).check()
    expect(await admin.page.getByText('High risk').count()).to.be.above(5)
    await inspect(admin, 'people-role-new')
    await admin.button('New role').click()
    await listed(admin, 'Help desk').getByText('3 permissions').waitFor()
    await openListed('/people#roles', 'Administrator')
    await admin.text('Everything, in every account.').waitFor()
    expect(await admin.page.getByRole('checkbox').count()).to.equal(0)
    await inspect(admin, 'people-role-built-in')
  })

  it('an account is made', async () => {
    await admin.open('/people/accounts/new')
    await admin.field('Name').fill('Warung Kopi')
    await inspect(admin, 'people-account-new')
    await admin.button('New account').click()
    await listed(admin, 'Warung Kopi').waitFor()
    await inspect(admin, 'people-accounts')
  })

  it('a user is made, once every field is right, and told how to sign in', async () => {
    await admin.open('/people/new')
    await admin.field('User name').fill('Admin')
    await admin.password('Password').fill('short')
    await admin.button('New user').click()
    await admin.text('The password is shorter than 15 characters.').waitFor()
    expect(await admin.password('Password').evaluate(field => field.matches(':focus'))).to.equal(true)
    await inspect(admin, 'people-user-refused')
    await admin.password('Password').fill(rani.password)
    await admin.button('New user').click()
    await admin.text('There is a user named Admin already.').waitFor()
    expect(await admin.password('Password').inputValue()).to.equal(rani.password)
    await admin.field('User name').fill(rani.username)
    await box(admin, /^User/).uncheck()
    await box(admin, /Help desk/).check()
    await box(admin, 'Warung Kopi').check()
    await inspect(admin, 'people-user-new')
    await admin.button('New user').click()
    await admin.text('rani can sign in now').waitFor()
    await inspect(admin, 'people-user-made')
    await admin.link('Done').click()
    await listed(admin, 'rani').getByText('Help desk').waitFor()
    await listed(admin, 'rani').getByText('Never').waitFor()
    await inspect(admin, 'people-users')
  })

  it('who holds little sees only that', async () => {
    person = await world.visit()
    await person.open('/people')
    await signIn(person, rani)
    await person.heading('People').waitFor()
    const navigation = person.page.getByRole('navigation', { name: 'Main navigation' })
    expect(await navigation.getByRole('link').allTextContents()).to.deep.equal(['Overview', 'Sites', 'People'])
    expect(
      await person.page
        .getByRole('tab')
        .allTextContents()
        .then(texts => texts.map(text => text.trim())),
    ).to.deep.equal(['Users', 'Roles'])
    expect(await person.link('New user').count()).to.equal(0)
    await listed(person, 'admin').getByRole('link').click()
    await person.heading(/^admin/).waitFor()
    await person.page.getByRole('heading', { name: 'Signed in on' }).waitFor()
    for (const offered of ['Save', 'Set new password', 'Disable', 'Delete user', 'Sign out everywhere'])
      expect(await person.button(offered).count(), offered).to.equal(0)
    await inspect(person, 'people-user-read-only')
    const refused = await person.api.post('/users', { username: 'sneaky', password: rani.password }).catch(String)
    expect(refused).to.contain('403')
  })

  it('a user gets another name, account and password, and is signed out', async () => {
    await openListed('/people', 'rani')
    await inspect(admin, 'people-user')
    await admin.field('User name').fill('rani.w')
    await box(admin, /^User/).check()
    await admin.button('Save').click()
    await admin.heading(/^rani\.w/).waitFor()
    rani = { username: 'rani.w', password: 'nine lanterns over the harbour' }
    await admin.button('Set new password').click()
    await admin.dialog.getByText('At least 15 characters').waitFor()
    await inspect(admin, 'people-password')
    await admin.dialog.getByRole('button', { name: 'Generate' }).click()
    expect(await admin.dialog.getByLabel('New password', { exact: true }).inputValue()).to.match(/^[a-z0-9-]{24}$/)
    await admin.dialog.getByLabel('New password', { exact: true }).fill(rani.password)
    await admin.dialog.getByRole('button', { name: 'Set new password' }).click()
    await admin.text('Nowhere now.').waitFor()
    await person.open('/people')
    await signIn(person, rani)
  })

  it('the last administrator stays one', async () => {
    await openListed('/people', 'admin')
    await admin.text('This is you').waitFor()
    await box(admin, /^User/).check()
    await box(admin, /^Administrator/).uncheck()
    await admin.text('You would no longer be an administrator').waitFor()
    await admin.button('Save').click()
    await admin.text('admin is the last administrator').waitFor()
    await inspect(admin, 'people-last-administrator')
    for (const offered of ['Disable', 'Delete user', 'Set new password'])
      expect(await admin.button(offered).count(), offered).to.equal(0)
  })

  it('one’s own password is changed with the old one', async () => {
    await person.open('/account')
    await person.button('Change password').click()
    await person.password('Current password').fill('not this one')
    await person.password('New password').fill('rani.w walks on the beach')
    await inspect(person, 'account-password')
    await person.button('Change password').click()
    await person.text('The password is wrong.').waitFor()
    await person.password('Current password').fill(rani.password)
    await person.button('Change password').click()
    await person.text('The password contains the user name.').waitFor()
    rani = { ...rani, password: 'twelve kites above the rice' }
    await person.password('New password').fill(rani.password)
    await person.button('Change password').click()
    await person.text('your other sessions have ended').waitFor()
  })

  it('recovery codes are counted, kept as a file, and made anew after a question', async () => {
    await person.button('Set up an authenticator app').click()
    const secret = (await person.page.locator('.secret code').textContent()) ?? ''
    await person.field('Code').fill(codeOf(secret))
    await person.button('Turn on').click()
    const codes = person.page.getByRole('list', { name: 'Your recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    const first = await codes.allTextContents()
    const [file] = await Promise.all([person.page.waitForEvent('download'), person.button('Download').click()])
    expect(file.suggestedFilename()).to.match(/^nusantara-recovery-codes-.*\.txt$/)
    await inspect(person, 'account-recovery-codes-kept')
    await person.button('I have kept them').click()
    await person.text('10 recovery codes are left').waitFor()
    await person.button('New recovery codes').click()
    await person.dialog.getByText('All old ones stop working at once.').waitFor()
    await person.dialog.getByRole('button', { name: 'New recovery codes' }).click()
    await codes.first().waitFor()
    expect(await codes.allTextContents()).not.to.include(first[0])
    await person.button('I have kept them').click()
    await inspect(person, 'account-security')
  })

  it('a lost second factor is removed', async () => {
    await openListed('/people', 'rani.w')
    await admin.button('Remove second factor').click()
    await inspect(admin, 'people-remove-factor')
    await admin.dialog.getByRole('button', { name: 'Remove second factor' }).click()
    await admin.text('rani.w signs in with the password alone now.').waitFor()
    await person.open('/account#tokens')
    await signIn(person, rani)
  })

  it('a token is made, shown once, used by a program, and revoked', async () => {
    await person.text('No API tokens').waitFor()
    await inspect(person, 'account-tokens-none')
    await person.link('New token').click()
    await person.heading('New API token').waitFor()
    await person.field('Name').fill('monitoring')
    await person.button('New token').click()
    await person.text('Choose at least one.').waitFor()
    expect(await box(person, /Install software/).count(), 'what rani does not hold').to.equal(0)
    await box(person, /See users/).check()
    await inspect(person, 'account-token-new')
    await person.button('New token').click()
    const token = (await person.page.getByLabel('Token', { exact: true }).textContent()) ?? ''
    expect(token).to.match(/^nusa_/)
    expect(await person.page.getByLabel('Try it', { exact: true }).textContent()).to.contain(`Bearer ${token}`)
    await inspect(person, 'account-token-made')
    expect(await curl('/api/v1/users', token)).to.equal(200)
    expect(await curl('/api/v1/roles', token), 'rani may, the token may not').to.equal(403)
    await person.link('Done').click()
    await listed(person, 'monitoring').getByText('now').waitFor()
    await inspect(person, 'account-tokens')
    await person.button('Revoke monitoring').click()
    await person.dialog.getByRole('button', { name: 'Revoke' }).click()
    await person.text('No API tokens').waitFor()
    expect(await curl('/api/v1/users', token)).to.equal(401)
  })

  it('a user is disabled, enabled and deleted by name; what is in use stays', async () => {
    await openListed('/people#roles', 'Help desk')
    await admin.text('1 user has it.').waitFor()
    expect(await admin.button('Delete role').count()).to.equal(0)
    await inspect(admin, 'people-role')
    await openListed('/people', 'rani.w')
    await admin.button('Disable').click()
    await admin.dialog.getByRole('button', { name: 'Disable' }).click()
    await admin.button('Enable').waitFor()
    await person.open('/account')
    await person.heading('Sign in').waitFor()
    await admin.button('Enable').click()
    await admin.dialog.getByRole('button', { name: 'Enable' }).click()
    await admin.button('Disable').waitFor()
    await admin.button('Delete user').click()
    await admin.dialog.getByRole('textbox').fill('rani')
    expect(await admin.dialog.locator('nusa-button[disabled]').count()).to.equal(1)
    await admin.dialog.getByRole('textbox').fill('rani.w')
    await inspect(admin, 'people-user-delete')
    await admin.page.keyboard.press('Enter')
    await admin.heading('People').waitFor()
    await listed(admin, 'admin').waitFor()
    expect(await listed(admin, 'rani.w').count()).to.equal(0)
    await openListed('/people#roles', 'Help desk')
    await admin.button('Delete role').click()
    await admin.dialog.getByRole('textbox').fill('Help desk')
    await admin.dialog.getByRole('button', { name: 'Delete role' }).click()
    await listed(admin, 'Administrator').waitFor()
    await openListed('/people#accounts', 'Warung Kopi')
    await inspect(admin, 'people-account')
    await admin.button('Delete account').click()
    await admin.dialog.getByRole('textbox').fill('Warung Kopi')
    await admin.dialog.getByRole('button', { name: 'Delete account' }).click()
    await admin.heading('People').waitFor()
  })

  it('all of it goes by keyboard', async () => {
    const { keyboard } = admin.page
    await admin.open('/people')
    await admin.page.getByRole('tab', { name: 'Users' }).focus()
    await keyboard.press('ArrowRight')
    await keyboard.press('ArrowRight')
    expect(admin.path).to.equal('/people#roles')
    await admin.link('New role').focus()
    await keyboard.press('Enter')
    await admin.heading('New role').waitFor()
    await admin.field('Name').focus()
    await keyboard.type('Typist')
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await keyboard.type('jobs')
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await keyboard.press('Space')
    await keyboard.press('Shift+Tab')
    await admin.field('Name').focus()
    await keyboard.press('Enter')
    await listed(admin, 'Typist').getByText('1 permission').waitFor()
  })

  it('in Indonesian', async () => {
    await admin.choose('Language', 'Bahasa Indonesia')
    await admin.heading('Orang').waitFor()
  })

  for (const path of [
    '/people',
    '/people#accounts',
    '/people#roles',
    '/people/new',
    '/people/:users',
    '/people/accounts/:accounts',
    '/people/roles/new',
    '/people/roles/user',
    '/account',
    '/account#tokens',
    '/account#preferences',
    '/account/tokens/new',
  ])
    it(`in Indonesian on a phone: ${path}`, async () => {
      const list = path.split(':')[1]
      const [first] = list ? (await world.api.get<{ items: { id: string }[] }>(`/${list}`)).body.items : []
      await admin.open(path.replace(/:\w+/, first?.id ?? ''))
      await admin.page.reload()
      await admin.page.getByRole('heading', { level: 1 }).waitFor()
      await admin.settled()
      await inspect(admin, `people-id${path.replaceAll(/[/#:]+/g, '-')}`, [phone])
    })

  it('met no error on any page', async () => {
    admin.faults.expect(/^4\d\d (POST|PATCH) \/api\/v1\/users/)
    person.faults.expect(/^4\d\d POST \/api\/v1\/auth\/password$/)
    person.faults.allow(/^401 GET /)
    await admin.leave()
    await person.leave()
  })

  /** As a program asks, without a browser. */
  function curl(path: string, token: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(world.panel.url)
      const headers = { authorization: `Bearer ${token}` }
      request({ hostname, port, path, headers, rejectUnauthorized: false }, response => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  }
})
