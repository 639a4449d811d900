import { api, NusaElement, PagedList, say, t, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { count, type Notification, onUnread, unreadCount } from '../layout/notifications.js'
import { entryStyles } from './entry-styles.js'

const icons: Readonly<Record<Notification['severity'], string>> = {
  info: 'info',
  warning: 'alert',
  critical: 'x-circle',
}

/** The inbox: newest first, read or not, each with what it is about. Kept up to date. */
@customElement('nusa-notification-list')
export class NotificationList extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    entryStyles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        justify-content: space-between;
        gap: 10px;
        margin-bottom: 8px;
      }
      nusa-select {
        flex: 1 1 96px;
        max-width: 150px;
      }
      .what a {
        color: var(--nusa-text);
        text-decoration: none;
      }
      .what a:hover {
        text-decoration: underline;
      }
      .unread .what {
        font-weight: 600;
      }
    `,
  ]
  @state() private filter = ''
  @state() private busy = false
  readonly #list = new PagedList<Notification>(this, {
    path: '/notifications',
    query: () => ({
      unread: this.filter === 'unread' ? true : undefined,
      severity: this.filter === 'critical' || this.filter === 'warning' ? this.filter : undefined,
    }),
    key: ({ id }) => id,
  })
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    // Told after it was counted: one came, or was read.
    this.#stop = onUnread(() => {
      void this.#list.load()
      this.emit('nusa-read')
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  async #read(path: string): Promise<void> {
    this.busy = true
    try {
      await api.post(path)
      await count()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult {
    const { items, error, load } = this.#list
    if (error) return html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
    if (!items) return html`<nusa-skeleton lines="6"></nusa-skeleton>`
    if (!items.length && !this.filter)
      return html`<nusa-empty icon="bell" heading=${t('inbox.empty')} text=${t('inbox.empty.text')}></nusa-empty>`
    return html`${this.#bar()}
      ${
        items.length
          ? html`<ul>${repeat(
              items,
              ({ id }) => id,
              item => this.#item(item),
            )}</ul>`
          : html`<nusa-empty icon="check-circle" heading=${t('inbox.none')}></nusa-empty>`
      }
      <nusa-more .list=${this.#list}></nusa-more>`
  }

  #bar(): TemplateResult {
    const choices = ['unread', 'critical', 'warning'] as const
    return html`<div class="bar">
      <nusa-select
        label=${t('inbox.filter')}
        .value=${this.filter}
        .options=${[{ value: '', label: t('filter.all') }, ...choices.map(value => ({ value, label: t(`inbox.filter.${value}`) }))]}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
          this.filter = event.detail.value ?? ''
          this.#list.restart()
        }}
      ></nusa-select>
      <nusa-button
        small
        icon="check"
        ?disabled=${!unreadCount()}
        ?busy=${this.busy}
        @click=${() => void this.#read('/notifications/read')}
        >${t('inbox.read-all')}</nusa-button
      >
    </div>`
  }

  #item(item: Notification): TemplateResult {
    const { id, severity, link, read, updatedAt, plugin } = item
    const text = say(item, plugin)
    const mark = () => void this.#read(`/notifications/${id}/read`)
    return html`<li class="${severity} ${read ? '' : 'unread'}">
      <nusa-icon name=${icons[severity]} label=${t(`inbox.severity.${severity}`)}></nusa-icon>
      <div class="text">
        <p class="what">
          ${link ? html`<a href=${link} @click=${() => (read ? undefined : mark())}>${text}</a>` : text}
          ${read ? nothing : html`<span class="visually-hidden">(${t('inbox.unread')})</span>`}
        </p>
        <p class="muted small">
          <nusa-time value=${updatedAt}></nusa-time>${plugin === 'kernel' ? nothing : ` · ${plugin}`}
        </p>
      </div>
      ${
        read
          ? nothing
          : html`<nusa-button small bare variant="quiet" icon="check" label=${t('inbox.read', { text })} @click=${mark}></nusa-button>`
      }
    </li>`
  }
}
