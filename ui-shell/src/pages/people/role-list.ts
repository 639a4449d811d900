import { type Column, formatNumber, NusaElement, PagedList } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { RoleEntry } from './entries.js'
import { roleName, t } from './texts.js'

/** The built-in roles and those that administrators made. */
@customElement('nusa-people-roles')
export class RoleList extends NusaElement {
  readonly #roles = new PagedList<RoleEntry>(this, { path: '/roles', whole: true, key: role => role.id })

  override render(): TemplateResult {
    return html`<nusa-list
      label=${t('people.tab.roles')}
      file=${t('people.file.roles')}
      .list=${this.#roles}
      .columns=${this.#columns()}
    ></nusa-list>`
  }

  #columns(): readonly Column<RoleEntry>[] {
    const what = (role: RoleEntry) => (role.builtIn ? t(`role.${role.id}.text`) : role.description)
    const allows = (role: RoleEntry) =>
      role.id === 'admin' ? t('role.allows.everything') : t('role.allows', { count: role.permissions.length })
    return [
      {
        id: 'name',
        label: t('role.name'),
        kind: 'main',
        text: roleName,
        cell: role => html`<a href="/people/roles/${role.id}">${roleName(role)}</a>
          ${role.builtIn ? html`<nusa-badge icon="lock">${t('role.built-in')}</nusa-badge>` : nothing}
          ${what(role) ? html`<span class="sub">${what(role)}</span>` : nothing}`,
      },
      { id: 'allows', label: t('role.permissions'), kind: 'fit', text: allows, cell: allows },
      {
        id: 'users',
        label: t('role.users'),
        kind: 'end',
        text: role => role.users,
        cell: role => formatNumber(role.users),
      },
    ]
  }
}
