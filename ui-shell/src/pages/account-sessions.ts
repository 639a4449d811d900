import { api, type Column, NusaElement, PagedList, t, toast, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'

interface SessionEntry {
  readonly id: string
  readonly current: boolean
  readonly address: string
  readonly userAgent: string
  readonly createdAt: string
  readonly lastSeenAt: string
}

/** Where one is signed in, and ending those sessions. */
@customElement('nusa-account-sessions')
export class AccountSessions extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .spread {
        margin-bottom: 12px;
      }
    `,
  ]
  readonly #sessions = new PagedList<SessionEntry>(this, {
    path: '/auth/sessions',
    whole: true,
    key: session => session.id,
  })

  async #end(path: string): Promise<void> {
    try {
      await api.delete(path)
      toast(t('sessions.ended'), { tone: 'success' })
      await this.#sessions.load()
    } catch (error) {
      toastProblem(error)
    }
  }

  override render(): TemplateResult {
    const others = this.#sessions.items?.some(session => !session.current)
    return html`<section class="panel">
      <div class="spread">
        <h2>${t('sessions.heading')}</h2>
        ${others ? html`<nusa-button small @click=${() => void this.#end('/auth/sessions')}>${t('sessions.end-others')}</nusa-button>` : nothing}
      </div>
      ${
        this.#sessions.error
          ? html`<nusa-failure .error=${this.#sessions.error} .retry=${this.#sessions.load}></nusa-failure>`
          : html`<nusa-table
            label=${t('sessions.heading')}
            .rows=${this.#sessions.items}
            .columns=${this.#columns()}
            .rowKey=${(session: SessionEntry) => session.id}
          ></nusa-table>`
      }
    </section>`
  }

  #columns(): readonly Column<SessionEntry>[] {
    return [
      {
        id: 'device',
        label: t('sessions.device'),
        kind: 'main',
        cell: session => html`${device(session.userAgent)}
          ${session.current ? html`<nusa-badge tone="success" icon="check">${t('sessions.current')}</nusa-badge>` : nothing}`,
      },
      {
        id: 'address',
        label: t('sessions.address'),
        kind: 'fit',
        cell: session => html`<span class="mono">${session.address}</span>`,
      },
      {
        id: 'seen',
        label: t('sessions.seen'),
        cell: session => html`<nusa-time value=${session.lastSeenAt}></nusa-time>`,
      },
      {
        id: 'end',
        label: t('sessions.end'),
        kind: 'end',
        hideLabel: true,
        cell: session =>
          session.current
            ? nothing
            : html`<nusa-button
              small
              label=${t('sessions.end.label', { device: device(session.userAgent) })}
              @click=${() => void this.#end(`/auth/sessions/${session.id}`)}
              >${t('sessions.end')}</nusa-button
            >`,
      },
    ]
  }
}

/** `Firefox · Linux` of a User-Agent header; the header itself when nothing is known of it. */
export function device(userAgent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl)/.exec(userAgent.replace(/HeadlessChrome/, 'Chrome'))?.[1]
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' }
  const known = [browser, system].filter(name => name !== undefined).map(name => names[name] ?? name)
  return known.join(' · ') || userAgent.slice(0, 60) || '–'
}
