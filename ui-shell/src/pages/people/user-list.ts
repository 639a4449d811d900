import { type Column, formatDate, may, NusaElement, type Order, PagedList, session } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { UserEntry } from './entries.js'
import { Names } from './names.js'
import { t } from './texts.js'
import './user-badge.js'

const byName: Order = { column: 'name', descending: false }

/** Everybody who may sign in. */
@customElement('nusa-people-users')
export class UserList extends NusaElement {
  readonly #users = new PagedList<UserEntry>(this, { path: '/users', key: user => user.id })
  readonly #names = new Names(this, ['roles', 'accounts'])

  override render(): TemplateResult {
    return html`<nusa-list
      searchable
      label=${t('people.tab.users')}
      file=${t('people.file.users')}
      .list=${this.#users}
      .columns=${this.#columns()}
      .order=${byName}
    ></nusa-list>`
  }

  #columns(): readonly Column<UserEntry>[] {
    const state = ({ disabled }: UserEntry) => (disabled ? 'disabled' : 'active')
    return [
      {
        id: 'name',
        label: t('user.name'),
        kind: 'main',
        sort: 'username',
        text: user => user.username,
        cell: user => html`<a href="/people/${user.id}">${user.username}</a>
          ${user.id === session().user?.id ? html`<nusa-badge>${t('user.you')}</nusa-badge>` : nothing}`,
      },
      {
        id: 'roles',
        label: t('user.roles'),
        text: user => this.#names.rolesOf(user.roles),
        cell: user => this.#names.rolesOf(user.roles) || html`<span class="muted">${t('user.roles.none')}</span>`,
      },
      ...this.#accounts(),
      {
        id: 'totp',
        label: t('user.totp'),
        kind: 'fit',
        text: user => t(user.totp ? 'user.totp.on' : 'user.totp.off'),
        cell: user =>
          user.totp
            ? html`<nusa-badge tone="success" icon="shield">${t('user.totp.on')}</nusa-badge>`
            : html`<span class="muted">${t('user.totp.off')}</span>`,
      },
      {
        id: 'seen',
        label: t('user.last-sign-in'),
        sort: 'lastSignInAt',
        text: user => (user.lastSignInAt ? formatDate(new Date(user.lastSignInAt)) : ''),
        cell: user =>
          user.lastSignInAt
            ? html`<nusa-time value=${user.lastSignInAt}></nusa-time>`
            : html`<span class="muted">${t('user.last-sign-in.never')}</span>`,
      },
      {
        id: 'state',
        label: t('user.state'),
        kind: 'fit',
        text: user => t(`user.state.${state(user)}`),
        cell: user => html`<nusa-user-badge state=${state(user)}></nusa-user-badge>`,
      },
    ]
  }

  #accounts(): readonly Column<UserEntry>[] {
    if (!may('accounts:read')) return []
    return [
      {
        id: 'accounts',
        label: t('user.accounts'),
        text: user => this.#names.accountsOf(user.accounts),
        cell: user =>
          this.#names.accountsOf(user.accounts) || html`<span class="muted">${t('user.accounts.none')}</span>`,
      },
    ]
  }
}
