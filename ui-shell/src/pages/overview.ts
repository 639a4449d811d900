import {
  api,
  type Button,
  may,
  NusaElement,
  onShellInfo,
  prefer,
  say,
  session,
  shellInfo,
  slotEntries,
  t,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { arrange, forgetArrangement, hide, isArranged, move, unhide } from './overview/arrangement.js'
import './overview/fact-card.js'
import type { Facts } from './overview/facts.js'
import './health/health-card.js'
import './overview/jobs-card.js'
import './overview/server-card.js'

/** While somebody looks. Milliseconds. */
const refreshMs = 10_000

interface PlacedCard {
  readonly id: string
  readonly label: string
  readonly content: TemplateResult
}

/** The first page: how the server is, what happened last, and a card of each plugin that has one; arranged by the reader. */
@customElement('nusa-overview-page')
export class OverviewPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
        gap: 16px;
        align-items: stretch;
      }
      .cell {
        display: flex;
        flex-direction: column;
        min-width: 0;
      }
      .cell > :last-child {
        flex: 1;
      }
      .tools {
        display: flex;
        justify-content: flex-end;
        gap: 2px;
        margin-bottom: 4px;
        padding: 2px 4px;
        border: 1px dashed var(--nusa-border-strong);
        border-radius: var(--nusa-radius);
      }
      .tools span {
        flex: 1;
        align-self: center;
        padding-left: 8px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
        overflow-wrap: anywhere;
      }
      .unfinished {
        display: block;
        margin-bottom: 16px;
      }
      .unfinished .row {
        margin-top: 10px;
      }
      .hidden {
        display: grid;
        gap: 10px;
        margin-top: 18px;
      }
      .hidden h2 {
        font-size: var(--nusa-text-md);
      }
    `,
  ]
  @state() private facts: Facts | undefined
  @state() private error: unknown
  @state() private arranging = false
  #timer: ReturnType<typeof setInterval> | undefined
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => this.requestUpdate())
    this.#timer = setInterval(() => {
      if (document.visibilityState === 'visible') void this.#load()
    }, refreshMs)
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    clearInterval(this.#timer)
  }

  /** What is shown stays when it cannot be had again: the shell says that the panel does not answer. */
  #load = async (): Promise<void> => {
    try {
      this.facts = await api.get<Facts>('/overview')
      this.error = undefined
    } catch (error) {
      if (!this.facts) this.error = error
    }
  }

  #cards({ server, cards }: Facts): readonly PlacedCard[] {
    return [
      ...(server
        ? [
            {
              id: 'server',
              label: server.hostname,
              content: html`<nusa-server-card .server=${server}></nusa-server-card>`,
            },
          ]
        : []),
      ...(may('health:read')
        ? [{ id: 'health', label: t('health.heading'), content: html`<nusa-health-card></nusa-health-card>` }]
        : []),
      ...cards.map((facts, index) => ({
        id: `${facts.plugin}.${cards.slice(0, index).filter(({ plugin }) => plugin === facts.plugin).length}`,
        label: say(facts.title, facts.plugin),
        content: html`<nusa-fact-card .facts=${facts}></nusa-fact-card>`,
      })),
      ...(may('jobs:read')
        ? [{ id: 'jobs', label: t('overview.jobs'), content: html`<nusa-jobs-card></nusa-jobs-card>` }]
        : []),
      ...slotEntries('dashboard.cards').map(({ plugin, element }) => ({
        id: element,
        label: plugin,
        content: html`<nusa-contribution plugin=${plugin} element=${element}></nusa-contribution>`,
      })),
    ]
  }

  override render(): TemplateResult {
    const name = session().user?.username ?? ''
    return html`<nusa-page heading=${t('overview.heading')} lead=${t('overview.lead', { name })}>
      ${
        this.facts
          ? html`<nusa-button
              slot="actions"
              icon=${this.arranging ? 'check' : 'settings'}
              aria-pressed=${this.arranging ? 'true' : 'false'}
              @click=${() => {
                this.arranging = !this.arranging
              }}
              >${t(this.arranging ? 'action.done' : 'overview.arrange')}</nusa-button
            >`
          : nothing
      }
      ${this.#unfinished()}
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : this.facts
            ? this.#grid(this.facts)
            : html`<div class="panel"><nusa-skeleton lines="8"></nusa-skeleton></div>`
      }
    </nusa-page>`
  }

  /** The setting up of the server, which its first administrator interrupted. */
  #unfinished(): TemplateResult | typeof nothing {
    if (!('welcome' in shellInfo().preferences)) return nothing
    return html`<nusa-callout class="unfinished" heading=${t('overview.welcome')}>
      <p>${t('overview.welcome.text')}</p>
      <div class="row">
        <nusa-button small variant="primary" href="/welcome">${t('overview.welcome.go')}</nusa-button>
        <nusa-button small variant="quiet" @click=${() => prefer('welcome', null)}>${t('overview.welcome.never')}</nusa-button>
      </div>
    </nusa-callout>`
  }

  #grid(facts: Facts): TemplateResult {
    const { shown, hidden } = arrange(this.#cards(facts))
    const ids = shown.map(({ id }) => id)
    return html`<div class="grid">
        ${repeat(
          shown,
          ({ id }) => id,
          card => html`<div class="cell">${this.arranging ? this.#tools(card, ids) : nothing} ${card.content}</div>`,
        )}
      </div>
      ${shown.length ? nothing : html`<nusa-empty icon="eye-off" heading=${t('overview.all-hidden')}></nusa-empty>`}
      ${this.arranging ? this.#hidden(hidden) : nothing}`
  }

  #tools({ id, label }: PlacedCard, ids: readonly string[]): TemplateResult {
    const at = ids.indexOf(id)
    return html`<div class="tools" role="group" aria-label=${label}>
      <span>${label}</span>
      <nusa-button
        small
        bare
        variant="quiet"
        icon="arrow-left"
        label=${t('overview.earlier', { name: label })}
        ?disabled=${at === 0}
        @click=${(event: Event) => this.#move(event, ids, id, -1)}
      ></nusa-button>
      <nusa-button
        small
        bare
        variant="quiet"
        icon="arrow-right"
        label=${t('overview.later', { name: label })}
        ?disabled=${at === ids.length - 1}
        @click=${(event: Event) => this.#move(event, ids, id, 1)}
      ></nusa-button>
      <nusa-button
        small
        bare
        variant="quiet"
        icon="eye-off"
        label=${t('overview.hide', { name: label })}
        @click=${() => this.#hide(id)}
      ></nusa-button>
    </div>`
  }

  /** An element that is moved in the page loses the focus, and at an end it can go no further that way. */
  async #move(event: Event, ids: readonly string[], id: string, by: 1 | -1): Promise<void> {
    const button = event.currentTarget as Button
    move(ids, id, by)
    await this.updateComplete
    const other = button.parentElement?.querySelector<Button>('nusa-button:not([disabled])')
    const next = button.disabled ? other : button
    next?.focus()
  }

  /** The focus goes to what brings it back. */
  async #hide(id: string): Promise<void> {
    hide(id)
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)?.focus()
  }

  #hidden(hidden: readonly PlacedCard[]): TemplateResult {
    return html`<section class="hidden">
      ${
        hidden.length
          ? html`<h2>${t('overview.hidden')}</h2>
              <div class="row">
                ${hidden.map(
                  ({ id, label }) => html`<nusa-button
                    small
                    icon="eye"
                    data-id=${id}
                    label=${t('overview.show', { name: label })}
                    @click=${() => unhide(id)}
                    >${label}</nusa-button
                  >`,
                )}
              </div>`
          : nothing
      }
      ${
        isArranged()
          ? html`<p><nusa-button small variant="quiet" icon="undo" @click=${forgetArrangement}>${t('overview.reset')}</nusa-button></p>`
          : nothing
      }
    </section>`
  }
}
