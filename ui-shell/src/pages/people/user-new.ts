import { api, type FormValues, locale, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './checklist.js'
import type { UserEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import { Names } from './names.js'
import './new-password.js'
import { t } from './texts.js'
import { accountChoices, languages, roleChoices } from './user-choices.js'

/** Somebody new, and what to tell them. */
@customElement('nusa-user-new-page')
export class UserNewPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      .told {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 8px 16px;
        align-items: center;
        margin: 16px 0 20px;
      }
      .told dd {
        margin: 0;
        overflow-wrap: anywhere;
        flex-wrap: nowrap;
      }
    `,
  ]
  readonly #names = new Names(this, ['roles', 'accounts'])
  @state() private username = ''
  @state() private made: { readonly user: UserEntry; readonly password: string } | undefined

  #create = async (values: FormValues): Promise<void> => {
    const { accounts, ...rest } = values
    const some = Array.isArray(accounts) && accounts.length > 0
    const user = await api.post<UserEntry>('/users', { ...rest, ...(some && { accounts }) })
    this.made = { user, password: String(values.password) }
  }

  override render(): TemplateResult {
    return html`<nusa-page narrow heading=${t('user.new.heading')} back="/people" backLabel=${t('people.heading')}>
      ${this.made ? this.#told(this.made) : this.#names.loaded ? this.#form() : html`<nusa-skeleton lines="8"></nusa-skeleton>`}
    </nusa-page>`
  }

  #form(): TemplateResult {
    const { roles, accounts } = this.#names
    return html`<nusa-form class="panel" .handle=${this.#create}>
      <div class="two">
        <nusa-text-field
          name="username"
          label=${t('user.name')}
          hint=${t('user.name.hint')}
          maxlength="64"
          required
          @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
            this.username = event.detail.value ?? ''
          }}
        ></nusa-text-field>
        <nusa-select name="locale" label=${t('user.language')} .value=${locale()} .options=${languages}></nusa-select>
      </div>
      <nusa-new-password generate label=${t('password.label')} username=${this.username}></nusa-new-password>
      ${
        roles.length
          ? html`<nusa-checklist
            name="roles"
            short
            label=${t('user.roles')}
            hint=${t('user.roles.hint')}
            .chosen=${['user']}
            .groups=${roleChoices(roles, [])}
          ></nusa-checklist>`
          : nothing
      }
      ${
        accounts.length
          ? html`<nusa-checklist
            name="accounts"
            short
            label=${t('user.accounts')}
            hint=${t('user.accounts.new-hint')}
            .groups=${accountChoices(accounts, [])}
          ></nusa-checklist>`
          : nothing
      }
      <div class="row">
        <nusa-button variant="primary" type="submit">${t('people.create.users')}</nusa-button>
        <nusa-button variant="quiet" href="/people">${t('action.cancel')}</nusa-button>
      </div>
    </nusa-form>`
  }

  #told({ user, password }: { readonly user: UserEntry; readonly password: string }): TemplateResult {
    const told = [
      ['user.made.address', location.origin],
      ['user.name', user.username],
      ['password.label', password],
    ] as const
    return html`<section class="panel">
      <nusa-callout tone="success" alert heading=${t('user.made', { name: user.username })}>${t('user.made.text')}</nusa-callout>
      <dl class="told">
        ${told.map(
          ([key, value]) => html`<dt>${t(key)}</dt>
            <dd class="row"><code>${value}</code><nusa-copy value=${value} label=${t('user.made.copy', { label: t(key) })}></nusa-copy></dd>`,
        )}
      </dl>
      <div class="row">
        <nusa-button variant="primary" href="/people">${t('action.done')}</nusa-button>
        <nusa-button href="/people/${user.id}">${t('user.made.open', { name: user.username })}</nusa-button>
      </div>
    </section>`
  }
}
