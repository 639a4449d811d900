import { may, NusaElement, routeEvent, type Tab } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './account-list.js'
import './role-list.js'
import { t } from './texts.js'
import './user-list.js'

const parts = [
  { id: 'users', permission: 'users:read', write: 'users:write', create: '/people/new' },
  { id: 'accounts', permission: 'accounts:read', write: 'accounts:write', create: '/people/accounts/new' },
  { id: 'roles', permission: 'roles:read', write: 'roles:write', create: '/people/roles/new' },
] as const

/** Who may use the panel, what belongs together, and who may do what. */
@customElement('nusa-people-page')
export class PeoplePage extends NusaElement {
  @state() private tab = location.hash.slice(1)

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener(routeEvent, this.#moved)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener(routeEvent, this.#moved)
  }

  #moved = (): void => {
    this.tab = location.hash.slice(1)
  }

  override render(): TemplateResult {
    const open = parts.filter(({ permission }) => may(permission))
    const active = open.find(({ id }) => id === this.tab) ?? open[0]
    const tabs: Tab[] = open.map(({ id }) => ({ id, label: t(`people.tab.${id}`) }))
    return html`<nusa-page heading=${t('people.heading')} lead=${active ? t(`people.lead.${active.id}`) : ''}>
      ${
        active && may(active.write)
          ? html`<nusa-button slot="actions" variant="primary" icon="plus" href=${active.create}
            >${t(`people.create.${active.id}`)}</nusa-button
          >`
          : nothing
      }
      <nusa-tabs
        label=${t('people.heading')}
        .tabs=${tabs}
        .active=${active?.id ?? ''}
        @nusa-tab=${(event: CustomEvent<string>) => {
          this.tab = event.detail
          history.replaceState(null, '', `#${event.detail}`)
        }}
      >
        ${active?.id === 'users' ? html`<nusa-people-users slot="users"></nusa-people-users>` : nothing}
        ${active?.id === 'accounts' ? html`<nusa-people-accounts slot="accounts"></nusa-people-accounts>` : nothing}
        ${active?.id === 'roles' ? html`<nusa-people-roles slot="roles"></nusa-people-roles>` : nothing}
      </nusa-tabs>
    </nusa-page>`
  }
}
