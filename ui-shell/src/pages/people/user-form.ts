import { type ApiProblem, api, type FormValues, loadSession, may, NusaElement, session, toast } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './checklist.js'
import type { UserEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import { Names } from './names.js'
import { t } from './texts.js'
import { accountChoices, languages, roleChoices } from './user-choices.js'

/** Name, language, roles and accounts of a user. Fires `nusa-saved` with the user as they are then. */
@customElement('nusa-user-form')
export class UserForm extends NusaElement {
  static override styles = [...NusaElement.styles, formStyles]
  @property({ attribute: false }) user!: UserEntry
  /** What is chosen now, saved or not. */
  @state() private roles: readonly string[] | undefined
  readonly #names = new Names(this, ['roles', 'accounts'])

  #save = async (values: FormValues): Promise<void> => {
    const user = await api.patch<UserEntry>(`/users/${this.user.id}`, values)
    if (user.id === session().user?.id) await loadSession()
    this.roles = undefined
    toast(t('people.saved', { name: user.username }), { tone: 'success' })
    this.emit('nusa-saved', user)
  }

  #place = ({ code }: ApiProblem): string | undefined => (code === 'last_administrator' ? 'roles' : undefined)

  /** The reader would take the administration from themselves. */
  get #steppingDown(): boolean {
    const { id, roles } = this.user
    return id === session().user?.id && roles.includes('admin') && !(this.roles ?? roles).includes('admin')
  }

  override render(): TemplateResult {
    const { user } = this
    if (!may('users:write')) return this.#words(user)
    return html`<nusa-form class="panel" label=${t('user.profile')} .handle=${this.#save} .place=${this.#place}>
      <h2>${t('user.profile')}</h2>
      <div class="two">
        <nusa-text-field
          name="username"
          label=${t('user.name')}
          maxlength="64"
          required
          .value=${user.username}
        ></nusa-text-field>
        <nusa-select
          name="locale"
          label=${t('user.language')}
          .value=${user.locale}
          .options=${languages}
        ></nusa-select>
      </div>
      ${this.#names.loaded ? this.#access(user) : html`<nusa-skeleton lines="5"></nusa-skeleton>`}
      ${
        this.#steppingDown
          ? html`<nusa-callout tone="warning" alert heading=${t('user.stepping-down')}>${t('user.stepping-down.text')}</nusa-callout>`
          : nothing
      }
      ${this.#names.loaded ? html`<div><nusa-button variant="primary" type="submit">${t('action.save')}</nusa-button></div>` : nothing}
    </nusa-form>`
  }

  /** For who may look only. */
  #words(user: UserEntry): TemplateResult {
    const language = languages.find(({ value }) => value === user.locale)?.label ?? user.locale
    const told = [
      ['user.name', user.username],
      ['user.language', language],
      ['user.roles', this.#names.rolesOf(user.roles) || t('user.roles.none')],
      ['user.accounts', this.#names.accountsOf(user.accounts) || t('user.accounts.none')],
    ] as const
    return html`<section class="panel">
      <h2>${t('user.profile')}</h2>
      <dl>
        ${told.map(
          ([key, value]) => html`<div>
            <dt>${t(key)}</dt>
            <dd>${value}</dd>
          </div>`,
        )}
      </dl>
    </section>`
  }

  #access(user: UserEntry): TemplateResult {
    return html`${
      may('roles:read')
        ? html`<nusa-checklist
          name="roles"
          short
          label=${t('user.roles')}
          hint=${t('user.roles.hint')}
          .chosen=${user.roles}
          .groups=${roleChoices(this.#names.roles, user.roles)}
          @nusa-change=${(event: CustomEvent<{ value: readonly string[] }>) => {
            this.roles = event.detail.value
          }}
        ></nusa-checklist>`
        : nothing
    }
    ${
      may('accounts:read')
        ? html`<nusa-checklist
          name="accounts"
          short
          label=${t('user.accounts')}
          hint=${t('user.accounts.hint')}
          none=${t('user.accounts.none')}
          .chosen=${user.accounts}
          .groups=${accountChoices(this.#names.accounts, user.accounts)}
        ></nusa-checklist>`
        : nothing
    }`
  }
}
