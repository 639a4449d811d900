import { api, type Column, may, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { Filters } from '../filters.js'
import './change-badge.js'
import { type Change, type ChangeState, changeTitle, touched } from './change-wire.js'
import { inLanguage, type PluginInfo } from './plugin-info.js'

const states: readonly ChangeState[] = ['applied', 'reverted', 'failed', 'awaiting_confirmation']

/** The history of the configuration: each change, who made it and why, newest first. */
@customElement('nusa-changes-page')
export class ChangesPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-select {
        flex: 1 1 130px;
        max-width: 200px;
      }
      .job {
        display: flex;
        align-items: center;
        gap: 6px;
      }
    `,
  ]
  @state() private plugins: readonly PluginInfo[] = []
  readonly #filters = new Filters<'plugin' | 'state' | 'job'>(this, ['plugin', 'state', 'job'], () =>
    this.#changes.restart(),
  )
  readonly #changes = new PagedList<Change>(this, {
    path: '/changes',
    query: () => this.#filters.query,
    key: ({ id }) => id,
    moving: ({ state }) => state === 'applying' || state === 'awaiting_confirmation',
  })

  override connectedCallback(): void {
    super.connectedCallback()
    if (may('plugins:read')) void this.#loadPlugins()
  }

  async #loadPlugins(): Promise<void> {
    try {
      this.plugins = (await api.get<{ items: readonly PluginInfo[] }>('/plugins')).items
    } catch (error) {
      // A filter less; the list says itself what is wrong.
      console.warn('the plugins are not known', error)
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('changes.heading')} lead=${t('changes.lead')}>
      <nusa-button slot="actions" icon="edit" href="/drift">${t('nav.drift')}</nusa-button>
      <nusa-list label=${t('changes.heading')} file="changes" .list=${this.#changes} .columns=${this.#columns()}>
        ${this.plugins.length > 1 ? this.#pluginFilter() : nothing}
        <nusa-select
          slot="filters"
          label=${t('changes.state')}
          .value=${this.#filters.get('state')}
          .options=${[{ value: '', label: t('filter.all') }, ...states.map(value => ({ value, label: t(`change.state.${value}`) }))]}
          @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#filters.set('state', event.detail.value)}
        ></nusa-select>
        ${
          this.#filters.get('job')
            ? html`<nusa-button slot="filters" icon="close" @click=${() => this.#filters.set('job', undefined)}
                >${t('changes.of-job')}</nusa-button
              >`
            : nothing
        }
        <nusa-empty slot="empty" icon="history" heading=${t('changes.empty')} text=${t('changes.empty.text')}></nusa-empty>
      </nusa-list>
    </nusa-page>`
  }

  #pluginFilter(): TemplateResult {
    const plugins = this.plugins.map(({ id, displayName }) => ({ value: id, label: inLanguage(displayName, id) }))
    return html`<nusa-select
      slot="filters"
      label=${t('changes.plugin')}
      .value=${this.#filters.get('plugin')}
      .options=${[{ value: '', label: t('filter.all') }, ...plugins]}
      @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#filters.set('plugin', event.detail.value)}
    ></nusa-select>`
  }

  #columns(): readonly Column<Change>[] {
    return [
      {
        id: 'title',
        label: t('changes.what'),
        kind: 'main',
        cell: change => html`<a href="/changes/${change.id}">${changeTitle(change)}</a>
          <span class="sub mono">${filesInShort(change)}</span>`,
        text: changeTitle,
      },
      {
        id: 'state',
        label: t('changes.state'),
        kind: 'fit',
        cell: ({ state }) => html`<nusa-change-badge state=${state}></nusa-change-badge>`,
        text: ({ state }) => t(`change.state.${state}`),
      },
      { id: 'actor', label: t('jobs.column.actor'), cell: ({ actor }) => actor.name, text: ({ actor }) => actor.name },
      {
        id: 'at',
        label: t('jobs.column.at'),
        kind: 'end',
        cell: ({ at }) => html`<nusa-time value=${at}></nusa-time>`,
        text: ({ at }) => at,
      },
      {
        id: 'files',
        label: t('changes.files'),
        fileOnly: true,
        cell: () => nothing,
        text: change =>
          touched(change)
            .map(({ path }) => path)
            .join(' '),
      },
      { id: 'plugin', label: t('changes.plugin'), fileOnly: true, cell: () => nothing, text: ({ plugin }) => plugin },
      {
        id: 'operation',
        label: t('changes.operation'),
        fileOnly: true,
        cell: () => nothing,
        text: ({ reason }) => reason?.operation,
      },
      { id: 'job', label: t('change.job'), fileOnly: true, cell: () => nothing, text: ({ jobId }) => jobId ?? '' },
    ]
  }
}

/** `conf.d/main.conf and 2 more`. */
function filesInShort(change: Change): string {
  const [first, ...more] = touched(change)
  if (!first) return change.files ? t('changes.no-file') : change.plugin
  const name = first.path.split('/').slice(-2).join('/')
  return more.length ? t('changes.more-files', { name, count: more.length }) : name
}
