import {
  api,
  asProblem,
  Latest,
  listen,
  may,
  NusaElement,
  routeEvent,
  say,
  session,
  slotEntries,
  type Tab,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Runtimes, Site } from '../../api.js'
import '../form/leave.js'
import '../site-badge.js'
import { lookOf, siteUrl, t } from '../texts.js'
import './directives-form.js'
import './domains-form.js'
import './error-pages-form.js'
import './php-form.js'
import './runtime-form.js'
import './site-actions.js'
import './site-drift.js'
import type { Merge } from './site-drift.js'
import './site-log.js'
import './site-overview.js'
import './site-standing.js'

interface Part extends Tab {
  readonly content: () => TemplateResult
}

/** One site: what it is, a form for each part of it, its logs, and what other plugins add as tabs. */
@customElement('nusa-sites-detail')
export class SitePage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-sites-standing,
      nusa-sites-drift {
        margin-bottom: 16px;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private site: Site | undefined
  @state() private runtimes: Runtimes | undefined
  @state() private error: unknown
  @state() private tab = location.hash.slice(1)
  /** A hand edit on its way into the directives. */
  @state() private merge: Merge | undefined
  /** Tabs with something that is not saved; they stay in the page while others are looked at. */
  @state() private unsaved: ReadonlySet<string> = new Set()
  /** Deleted: there is nothing to load any more, and no log to follow. */
  @state() private gone = false
  #stop: (() => void) | undefined
  readonly #latest = new Latest()

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
    window.addEventListener(routeEvent, this.#moved)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    this.#stop = undefined
    window.removeEventListener(routeEvent, this.#moved)
  }

  /** The same page of another site: a link from one to the other does not make the page anew. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('params')
    if (!before || before.id === this.params.id) return
    this.#stop?.()
    this.#stop = undefined
    this.gone = false
    this.site = undefined
    this.error = undefined
    this.unsaved = new Set()
    this.merge = undefined
    void this.#load()
  }

  #moved = (): void => {
    this.tab = location.hash.slice(1)
  }

  #load = async (): Promise<void> => {
    if (this.gone) return
    const current = this.#latest.begin()
    try {
      const [site, runtimes] = await Promise.all([
        api.get<Site>(`/sites/${this.params.id}`),
        this.runtimes ?? api.get<Runtimes>('/sites/runtimes'),
      ])
      if (!current() || this.gone) return
      this.error = undefined
      this.site = site
      this.runtimes = runtimes
      // Only of a site that one may see: another's events are refused.
      if (this.isConnected) this.#stop ??= listen(`resource:site:${site.id}`, () => void this.#load())
    } catch (error) {
      if (!current() || this.gone) return
      // A refresh that failed leaves what is shown, and what was typed into it.
      if (this.site && asProblem(error).status !== 404) return
      this.error = error
      this.unsaved = new Set()
    }
  }

  override render(): TemplateResult {
    const { site } = this
    return html`<nusa-page heading=${site?.unicodeDomain ?? t('sites.nav')} back="/sites" backLabel=${t('sites.nav')}>
      ${site ? html`<nusa-sites-badge slot="badge" state=${lookOf(site)}></nusa-sites-badge> ${this.#actions(site)}` : nothing}
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : site
            ? this.gone
              ? nothing
              : this.#body(site)
            : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
      <nusa-sites-leave ?unsaved=${this.unsaved.size > 0}></nusa-sites-leave>
    </nusa-page>`
  }

  #actions(site: Site): TemplateResult {
    return html`<nusa-button
        slot="actions"
        icon="external"
        target="_blank"
        href=${siteUrl(site.domain, site.runtime.type, this.runtimes?.ports)}
        >${t('ui.open')}</nusa-button
      >
      ${
        may('sites:write') && mayChange(site)
          ? html`<nusa-sites-actions
            slot="actions"
            .site=${site}
            @nusa-settled=${this.#load}
            @nusa-sites-gone=${() => {
              this.gone = true
              this.unsaved = new Set()
              this.#stop?.()
            }}
          ></nusa-sites-actions>`
          : nothing
      }`
  }

  #body(site: Site): TemplateResult {
    const parts = this.#parts(site)
    const active = parts.find(({ id }) => id === this.tab) ?? parts[0]
    const shown = parts.filter(({ id }) => id === active?.id || this.unsaved.has(id))
    return html`<nusa-sites-standing .site=${site} @nusa-settled=${this.#load}></nusa-sites-standing>
      ${may('changes:read') ? html`<nusa-sites-drift .site=${site} @nusa-sites-merge=${this.#merge}></nusa-sites-drift>` : nothing}
      <nusa-tabs
        label=${site.unicodeDomain}
        .tabs=${parts.map(({ id, label }) => ({ id, label: this.unsaved.has(id) ? t('ui.tab.unsaved', { label }) : label }))}
        .active=${active?.id ?? ''}
        @nusa-tab=${(event: CustomEvent<string>) => this.#turnTo(event.detail)}
      >
        ${repeat(
          shown,
          ({ id }) => id,
          ({ id, content }) => html`<div
            slot=${id}
            @nusa-sites-unsaved=${(event: CustomEvent<boolean>) => this.#mark(id, event.detail)}
            @nusa-settled=${this.#load}
          >
            ${content()}
          </div>`,
        )}
      </nusa-tabs>`
  }

  #turnTo(tab: string): void {
    this.tab = tab
    history.replaceState(null, '', `#${tab}`)
  }

  #merge = ({ detail }: CustomEvent<Merge>): void => {
    this.merge = detail
    this.#turnTo('directives')
  }

  #mark(id: string, unsaved: boolean): void {
    const next = new Set(this.unsaved)
    if (unsaved) next.add(id)
    else next.delete(id)
    this.unsaved = next
  }

  #parts(site: Site): readonly Part[] {
    const { runtimes } = this
    const part = (id: string, content: () => TemplateResult): Part => ({ id, label: t(`ui.tab.${id}`), content })
    const panel = site.runtime.type === 'panel'
    const forms = [
      part('domains', () => html`<nusa-sites-domains .site=${site}></nusa-sites-domains>`),
      part('runtime', () => html`<nusa-sites-runtime .site=${site} .runtimes=${runtimes}></nusa-sites-runtime>`),
      ...(site.runtime.type === 'php' || this.unsaved.has('php')
        ? [part('php', () => html`<nusa-sites-php .site=${site} .runtimes=${runtimes}></nusa-sites-php>`)]
        : []),
      ...(panel ? [] : [part('errors', () => html`<nusa-sites-error-pages .site=${site}></nusa-sites-error-pages>`)]),
    ]
    const added = slotEntries('sites.tabs').map(({ element, plugin, title }) => ({
      id: element,
      label: say(title, plugin) || plugin,
      content: () => html`<nusa-contribution
        plugin=${plugin}
        element=${element}
        .properties=${{ siteId: site.id }}
      ></nusa-contribution>`,
    }))
    return [
      part('overview', () => html`<nusa-sites-overview .site=${site} .runtimes=${runtimes}></nusa-sites-overview>`),
      ...(may('sites:write') && mayChange(site) && site.state === 'active' ? forms : []),
      ...(may('sites:directives') || site.directives
        ? [
            part(
              'directives',
              () => html`<nusa-sites-directives
                  .site=${site}
                  .merge=${this.merge}
                  @nusa-sites-merged=${() => {
                    this.merge = undefined
                  }}
                ></nusa-sites-directives>`,
            ),
          ]
        : []),
      ...added,
      part('logs', () => html`<nusa-sites-log .site=${site}></nusa-sites-log>`),
    ]
  }
}

/** Where the panel is published, nobody but an administrator decides. */
function mayChange({ runtime }: Site): boolean {
  return runtime.type !== 'panel' || Boolean(session().user?.admin)
}
