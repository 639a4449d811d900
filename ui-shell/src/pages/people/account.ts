import { api, type FormValues, may, NusaElement, navigate, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './ask.js'
import type { Question } from './ask.js'
import './checklist.js'
import type { ChoiceGroup } from './checklist.js'
import type { AccountEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import { Names } from './names.js'
import { t } from './texts.js'

const back = '/people#accounts'

/** One account, or a new one: its name, who belongs to it, what it owns, and its end. */
@customElement('nusa-people-account-page')
export class PeopleAccountPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      .act:first-of-type {
        border-top: 0;
        padding-top: 0;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private account: AccountEntry | undefined
  @state() private error: unknown
  @state() private question: Question | undefined
  readonly #names = new Names(this, ['users'])

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    const { id } = this.params
    if (id === undefined) return
    try {
      this.account = await api.get<AccountEntry>(`/accounts/${id}`)
      this.error = undefined
    } catch (error) {
      this.error = error
    }
  }

  #save = async (values: FormValues): Promise<void> => {
    if (this.account) {
      this.account = await api.patch<AccountEntry>(`/accounts/${this.account.id}`, values)
      toast(t('people.saved', { name: this.account.name }), { tone: 'success' })
      return
    }
    const account = await api.post<AccountEntry>('/accounts', values)
    toast(t('accounts.made', { name: account.name }), { tone: 'success' })
    navigate(back)
  }

  override render(): TemplateResult {
    const fresh = this.params.id === undefined
    const ready = (fresh || this.account) && this.#names.loaded
    return html`<nusa-page
      narrow
      heading=${fresh ? t('accounts.new.heading') : (this.account?.name ?? t('accounts.heading'))}
      lead=${fresh ? t('accounts.new.lead') : ''}
      back=${back}
      backLabel=${t('people.tab.accounts')}
    >
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : ready
            ? html`<div class="stack">${this.#form()} ${this.account ? this.#end(this.account) : nothing}</div>`
            : html`<nusa-skeleton lines="6"></nusa-skeleton>`
      }
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </nusa-page>`
  }

  #form(): TemplateResult {
    const { account } = this
    const fixed = !may('accounts:write')
    return html`<nusa-form class="panel" .handle=${this.#save}>
      <nusa-text-field
        name="name"
        label=${t('accounts.label')}
        maxlength="64"
        required
        ?disabled=${fixed}
        .value=${account?.name ?? ''}
      ></nusa-text-field>
      ${
        may('users:read')
          ? html`<nusa-checklist
            name="members"
            short
            label=${t('accounts.members')}
            hint=${t('accounts.members.hint')}
            ?disabled=${fixed}
            .chosen=${account?.members ?? []}
            .groups=${this.#members()}
          ></nusa-checklist>`
          : account
            ? html`<p class="muted">${t('accounts.members.count', { count: account.members.length })}</p>`
            : nothing
      }
      ${
        fixed
          ? nothing
          : html`<div class="row">
            <nusa-button variant="primary" type="submit">${t(account ? 'action.save' : 'people.create.accounts')}</nusa-button>
            ${account ? nothing : html`<nusa-button variant="quiet" href=${back}>${t('action.cancel')}</nusa-button>`}
          </div>`
      }
    </nusa-form>`
  }

  /** Who belongs to it stands first. */
  #members(): readonly ChoiceGroup[] {
    const belongs = (id: string) => this.account?.members.includes(id) ?? false
    const users = this.#names.users.toSorted((a, b) => Number(belongs(b.id)) - Number(belongs(a.id)))
    return [
      {
        choices: users.map(({ id, username, disabled }) => ({
          value: id,
          label: username,
          ...(disabled && { note: t('user.state.disabled') }),
        })),
      },
    ]
  }

  #end(account: AccountEntry): TemplateResult | typeof nothing {
    if (!may('accounts:write')) return nothing
    const { resources: count } = account
    return html`<section class="panel">
      <h2>${t('accounts.delete')}</h2>
      <div class="act">
        <div class="what">
          <p>${count ? t('accounts.owns', { count }) : t('accounts.owns.nothing')}</p>
        </div>
        ${count ? nothing : html`<nusa-button icon="trash" @click=${() => this.#askToDelete(account)}>${t('accounts.delete')}</nusa-button>`}
      </div>
    </section>`
  }

  #askToDelete({ id, name }: AccountEntry): void {
    this.question = {
      heading: t('accounts.delete.heading', { name }),
      text: t('accounts.delete.text'),
      name,
      action: t('accounts.delete'),
      danger: true,
      run: async () => {
        await api.delete(`/accounts/${id}`)
        toast(t('accounts.deleted', { name }), { tone: 'success' })
        navigate(back)
      },
    }
  }
}
