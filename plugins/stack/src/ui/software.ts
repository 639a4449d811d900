import { type ChangeRequest, type Column, formatList, may, NusaElement, PagedList } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Component } from '../api.js'
import './component-badge.js'
import { ComponentCosts } from './component-costs.js'
import { isOffered, suggestionOf } from './suggestion.js'
import { costWords, lookOf, nameOf, t } from './texts.js'

/**
 * What sites stand on: what is installed, what can be, what it costs, and the installation of one or several from plan to end.
 * Fires `nusa-stack-listed` with the components.
 */
@customElement('nusa-stack-software')
export class Software extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-callout {
        margin-bottom: 14px;
      }
      code {
        overflow-wrap: anywhere;
      }
    `,
  ]
  /** Selects at first what a server with none of it most probably wants. */
  @property({ type: Boolean }) suggest = false
  @state() private installing: readonly Component[] = []
  @state() private selected: ReadonlySet<unknown> = new Set()
  @state() private refresh = false
  readonly #list = new PagedList<Component>(this, { path: '/stack', whole: true, key: ({ id }) => id })
  readonly #costs = new ComponentCosts(this)

  #suggested = false

  protected override willUpdate(): void {
    const { items } = this.#list
    if (!items || !this.suggest || this.#suggested) return
    this.#suggested = true
    this.selected = new Set(suggestionOf(items).map(({ id }) => id))
  }

  protected override updated(): void {
    const { items } = this.#list
    if (!items) return
    void this.#costs.ask(items)
    this.emit('nusa-stack-listed', items)
  }

  #settled = (): void => {
    this.#costs.forget()
    void this.#list.load()
  }

  #close = (): void => {
    this.installing = []
    this.refresh = false
  }

  #request(): ChangeRequest | undefined {
    const { installing, refresh } = this
    if (installing.length === 0) return undefined
    return { method: 'POST', path: '/stack/install', body: { components: installing.map(({ id }) => id), refresh } }
  }

  override render(): TemplateResult {
    const { error, items } = this.#list
    return html`${
      error
        ? html`<nusa-failure .error=${error} .retry=${this.#list.load}></nusa-failure>`
        : html`${this.#byHand(items ?? [])} ${this.#selection(items ?? [])}
            <nusa-table
              label=${t('stack.nav')}
              .rows=${items}
              .columns=${this.#columns()}
              .rowKey=${({ id }: Component) => id}
              .selected=${may('stack:install') && items?.some(isOffered) ? this.selected : undefined}
              .selectable=${isOffered}
              @nusa-select=${(event: CustomEvent<ReadonlySet<unknown>>) => {
                this.selected = event.detail
              }}
            >
              <nusa-empty slot="empty" icon="cube" heading=${t('ui.empty')} text=${t('ui.empty.text')}></nusa-empty>
            </nusa-table>`
    }
    ${this.#confirm()}`
  }

  /** Where this panel installs nothing, what to type instead. */
  #byHand(items: readonly Component[]): TemplateResult | typeof nothing {
    const available = items.filter(({ state }) => state === 'available')
    if (available.length === 0 || available.some(({ installable }) => installable)) return nothing
    return html`<nusa-callout heading=${t('ui.by-hand')}>
      ${t('ui.by-hand.text')} <code>apt-get install ${available[0]?.id}</code>
    </nusa-callout>`
  }

  /** Of what was selected, what can still be installed. */
  #selection(items: readonly Component[]): TemplateResult | typeof nothing {
    const chosen = items.filter(component => isOffered(component) && this.selected.has(component.id))
    if (chosen.length === 0) return nothing
    return html`<nusa-selection
      count=${chosen.length}
      @nusa-unselect=${() => {
        this.selected = new Set()
      }}
    >
      <nusa-button
        small
        variant="primary"
        icon="plus"
        @click=${() => {
          this.installing = chosen
        }}
        >${t('ui.install.several', { count: chosen.length })}</nusa-button
      >
    </nusa-selection>`
  }

  #confirm(): TemplateResult {
    const { installing } = this
    const words = wordsOf(installing[0])
    return html`<nusa-confirm
      ?open=${installing.length > 0}
      owner="stack"
      heading=${installing.length > 0 ? t(words.heading, { name: formatList(installing.map(nameOf)) }) : ''}
      text=${t('ui.install.text')}
      action=${t(words.action)}
      .request=${this.#request()}
      @nusa-settled=${this.#settled}
      @nusa-close=${this.#close}
    >
      <nusa-checkbox
        label=${t('ui.install.refresh')}
        hint=${t('ui.install.refresh.hint')}
        ?checked=${this.refresh}
        @nusa-change=${(event: CustomEvent<{ value: boolean }>) => {
          this.refresh = event.detail.value
        }}
      ></nusa-checkbox>
    </nusa-confirm>`
  }

  #columns(): readonly Column<Component>[] {
    return [
      {
        id: 'name',
        label: t('ui.column.name'),
        kind: 'main',
        text: nameOf,
        cell: component => html`${nameOf(component)} <span class="sub">${t(`ui.kind.${component.kind}`)}</span>`,
      },
      {
        id: 'state',
        label: t('ui.column.state'),
        cell: component => html`<nusa-stack-badge state=${lookOf(component)}></nusa-stack-badge>`,
      },
      {
        id: 'version',
        label: t('ui.column.version'),
        cell: ({ installed, candidate }) =>
          html`${installed ?? candidate ?? '–'}
          ${installed && candidate && candidate !== installed ? html`<span class="sub">${t('ui.newer', { candidate })}</span>` : nothing}`,
      },
      { id: 'cost', label: t('ui.column.cost'), cell: component => this.#cost(component) },
      ...(may('stack:install')
        ? [
            {
              id: 'install',
              label: t('ui.install'),
              hideLabel: true,
              kind: 'end',
              cell: component => this.#install(component),
            } satisfies Column<Component>,
          ]
        : []),
    ]
  }

  #cost(component: Component): string {
    if (component.state !== 'available') return '–'
    const cost = this.#costs.of(component)
    return cost === undefined ? '…' : cost ? costWords(cost) : '–'
  }

  #install(component: Component): TemplateResult | typeof nothing {
    if (!component.installable) return nothing
    return html`<nusa-button
      small
      icon="plus"
      label=${t(wordsOf(component).label, { name: nameOf(component) })}
      @click=${() => {
        this.installing = [component]
      }}
      >${t(wordsOf(component).action)}</nusa-button
    >`
  }
}

/** One whose installation was interrupted is finished; several are never. */
function wordsOf(component: Component | undefined): {
  readonly action: string
  readonly label: string
  readonly heading: string
} {
  return component?.state === 'broken'
    ? { action: 'ui.finish', label: 'ui.finish.label', heading: 'ui.finish.heading' }
    : { action: 'ui.install', label: 'ui.install.label', heading: 'ui.install.heading' }
}
