import { api, type FormValues, may, NusaElement, navigate, type Page, session, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './ask.js'
import type { Question } from './ask.js'
import './checklist.js'
import type { PermissionEntry, RoleEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import './permission-words.js'
import { permissionGroups } from './permissions-field.js'
import { roleName, t } from './texts.js'

const back = '/people#roles'

/** One role, or a new one: what it allows, in words. The built-in ones are there to be read. */
@customElement('nusa-role-page')
export class RolePage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      .act:first-of-type {
        border-top: 0;
        padding-top: 0;
      }
      nusa-permission-words {
        margin-top: 14px;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private entry: RoleEntry | undefined
  @state() private permissions: readonly PermissionEntry[] | undefined
  @state() private error: unknown
  @state() private question: Question | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    const { id } = this.params
    try {
      const [role, permissions] = await Promise.all([
        id === undefined ? undefined : api.get<RoleEntry>(`/roles/${id}`),
        api.get<Page<PermissionEntry>>('/roles/permissions'),
      ])
      this.entry = role
      this.permissions = permissions.items
      this.error = undefined
    } catch (error) {
      this.error = error
    }
  }

  #save = async ({ description = '', ...values }: FormValues): Promise<void> => {
    const body = { ...values, description }
    const role = this.entry
      ? await api.patch<RoleEntry>(`/roles/${this.entry.id}`, body)
      : await api.post<RoleEntry>('/roles', body)
    toast(t(this.entry ? 'people.saved' : 'role.made', { name: role.name }), { tone: 'success' })
    if (this.entry) this.entry = role
    else navigate(back)
  }

  /** Nobody changes a role that gives more than they hold, nor one that is built in. */
  get #fixed(): boolean {
    const { entry: role } = this
    if (!may('roles:write') || role?.builtIn) return true
    return !session().user?.admin && !(role?.permissions ?? []).every(may)
  }

  override render(): TemplateResult {
    const { entry: role, permissions } = this
    const fresh = this.params.id === undefined
    const about = role?.builtIn ? t(`role.${role.id}.text`) : this.#fixed ? role?.description : undefined
    return html`<nusa-page
      narrow
      heading=${fresh ? t('role.new.heading') : role ? roleName(role) : t('role.heading')}
      lead=${fresh ? t('role.new.lead') : (about ?? '')}
      back=${back}
      backLabel=${t('people.tab.roles')}
    >
      ${role?.builtIn ? html`<nusa-badge slot="badge" icon="lock">${t('role.built-in')}</nusa-badge>` : nothing}
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : permissions
            ? html`<div class="stack">
              ${this.#fixed && role ? this.#words(role, permissions) : this.#form(permissions)}
              ${role && !this.#fixed ? this.#end(role) : nothing}
            </div>`
            : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </nusa-page>`
  }

  #words(role: RoleEntry, permissions: readonly PermissionEntry[]): TemplateResult {
    const everything = role.id === 'admin'
    return html`<section class="panel">
      <h2>${t('role.permissions.heading')}</h2>
      <p class="muted">${t('role.held', { count: role.users })}</p>
      ${!role.builtIn && may('roles:write') ? html`<nusa-callout tone="info">${t('role.beyond')}</nusa-callout>` : nothing}
      ${everything ? html`<nusa-callout tone="warning" heading=${t('role.allows.everything')}>${t('role.admin.care')}</nusa-callout>` : nothing}
      <nusa-permission-words
        .items=${everything ? permissions : permissions.filter(({ name }) => role.permissions.includes(name))}
      ></nusa-permission-words>
    </section>`
  }

  #form(permissions: readonly PermissionEntry[]): TemplateResult {
    const { entry: role } = this
    const offered = permissions.filter(({ name }) => may(name) || role?.permissions.includes(name))
    return html`<nusa-form class="panel" .handle=${this.#save}>
      <nusa-text-field name="name" label=${t('role.label')} maxlength="64" required .value=${role?.name ?? ''}></nusa-text-field>
      <nusa-text-field
        name="description"
        label=${t('role.description')}
        hint=${t('role.description.hint')}
        maxlength="512"
        optional
        .value=${role?.description ?? ''}
      ></nusa-text-field>
      <nusa-checklist
        name="permissions"
        label=${t('role.permissions')}
        hint=${t('role.permissions.hint')}
        .chosen=${role?.permissions ?? []}
        .groups=${permissionGroups(offered, role?.permissions)}
      ></nusa-checklist>
      <div class="row">
        <nusa-button variant="primary" type="submit">${t(role ? 'action.save' : 'people.create.roles')}</nusa-button>
        ${role ? nothing : html`<nusa-button variant="quiet" href=${back}>${t('action.cancel')}</nusa-button>`}
      </div>
    </nusa-form>`
  }

  #end(role: RoleEntry): TemplateResult {
    return html`<section class="panel">
      <h2>${t('role.delete')}</h2>
      <div class="act">
        <div class="what">
          <p>${role.users ? t('role.in-use', { count: role.users }) : t('role.delete.text')}</p>
        </div>
        ${role.users ? nothing : html`<nusa-button icon="trash" @click=${() => this.#askToDelete(role)}>${t('role.delete')}</nusa-button>`}
      </div>
    </section>`
  }

  #askToDelete({ id, name }: RoleEntry): void {
    this.question = {
      heading: t('role.delete.heading', { name }),
      text: t('role.delete.text'),
      name,
      action: t('role.delete'),
      danger: true,
      run: async () => {
        await api.delete(`/roles/${id}`)
        toast(t('role.deleted', { name }), { tone: 'success' })
        navigate(back)
      },
    }
  }
}
