import { api, type Column, NusaElement, PagedList, toast, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { device, type SessionEntry, sessionColumns } from './people/session-columns.js'
import { t } from './people/texts.js'

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
      ...sessionColumns(),
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
