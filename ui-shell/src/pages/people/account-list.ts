import { type Column, formatDate, formatNumber, may, NusaElement, type Order, PagedList } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { AccountEntry } from './entries.js'
import { Names } from './names.js'
import { t } from './texts.js'

const byName: Order = { column: 'name', descending: false }

/** What owns sites and the like, and who may use it. */
@customElement('nusa-people-accounts')
export class AccountList extends NusaElement {
  readonly #accounts = new PagedList<AccountEntry>(this, { path: '/accounts', key: account => account.id })
  readonly #names = new Names(this, ['users'])

  override render(): TemplateResult {
    return html`<nusa-list
      searchable
      label=${t('people.tab.accounts')}
      file=${t('people.file.accounts')}
      .list=${this.#accounts}
      .columns=${this.#columns()}
      .order=${byName}
    >
      <nusa-empty slot="empty" icon="users" heading=${t('accounts.empty')} text=${t('accounts.empty.text')}>
        ${
          may('accounts:write')
            ? html`<nusa-button variant="primary" icon="plus" href="/people/accounts/new">${t('people.create.accounts')}</nusa-button>`
            : nothing
        }
      </nusa-empty>
    </nusa-list>`
  }

  #columns(): readonly Column<AccountEntry>[] {
    const members = ({ members }: AccountEntry) => this.#names.usersOf(members)
    return [
      {
        id: 'name',
        label: t('accounts.name'),
        kind: 'main',
        sort: 'name',
        text: account => account.name,
        cell: account => html`<a href="/people/accounts/${account.id}">${account.name}</a>`,
      },
      {
        id: 'members',
        label: t('accounts.members'),
        text: members,
        cell: account => members(account) || html`<span class="muted">${t('accounts.members.none')}</span>`,
      },
      {
        id: 'resources',
        label: t('accounts.resources'),
        kind: 'end',
        text: account => account.resources,
        cell: account => formatNumber(account.resources),
      },
      {
        id: 'created',
        label: t('accounts.created'),
        sort: 'createdAt',
        text: account => formatDate(new Date(account.createdAt)),
        cell: account => html`<nusa-time value=${account.createdAt}></nusa-time>`,
      },
    ]
  }
}
