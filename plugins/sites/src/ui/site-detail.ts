import {
  api,
  type ChangeRequest,
  type Job,
  listen,
  type MenuItem,
  may,
  NusaElement,
  navigate,
  routeEvent,
  say,
  slotEntries,
  type Tab,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Runtimes, Site } from '../api.js'
import './site-badge.js'
import './site-log.js'
import './site-overview.js'
import './site-settings.js'
import { lookOf, siteUrl, t } from './texts.js'

type Asking = keyof typeof questions | undefined

/** What is asked before each: heading, text, and the button that does it. */
const questions = {
  suspend: { heading: 'ui.suspend.heading', text: 'ui.suspend.text', action: 'ui.suspend' },
  resume: { heading: 'ui.resume.heading', text: 'ui.resume.text', action: 'ui.resume' },
  delete: { heading: 'ui.delete.heading', text: 'ui.delete.text', action: 'ui.delete' },
} as const

/** One site: what it is, its settings, its logs, and what other plugins add as tabs. */
@customElement('nusa-sites-detail')
export class SiteDetail extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-callout {
        margin-bottom: 16px;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private site: Site | undefined
  @state() private runtimes: Runtimes | undefined
  @state() private error: unknown
  @state() private asking: Asking
  @state() private keepFiles = true
  @state() private tab = location.hash.slice(1)
  /** Deleted: there is nothing to load any more, and the page is left when the dialog closes. */
  #gone = false
  #stop: (() => void) | undefined

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

  #moved = (): void => {
    this.tab = location.hash.slice(1)
  }

  #load = async (): Promise<void> => {
    if (this.#gone) return
    try {
      const [site, runtimes] = await Promise.all([
        api.get<Site>(`/sites/${this.params.id}`),
        this.runtimes ?? api.get<Runtimes>('/sites/runtimes'),
      ])
      this.error = undefined
      this.site = site
      // Only of a site that one may see: another's events are refused.
      if (this.isConnected) this.#stop ??= listen(`resource:site:${site.id}`, () => void this.#load())
      this.runtimes = runtimes
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    const { site } = this
    return html`<nusa-page heading=${site?.unicodeDomain ?? t('sites.nav')} back="/sites" backLabel=${t('sites.nav')}>
      ${site ? html`<nusa-sites-badge slot="badge" look=${lookOf(site)}></nusa-sites-badge> ${this.#actions(site)}` : nothing}
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : site
            ? this.#tabs(site)
            : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
      ${site ? this.#dialog(site) : nothing}
    </nusa-page>`
  }

  #actions(site: Site): TemplateResult {
    const items: MenuItem[] = [
      site.suspended
        ? { label: t('ui.resume'), icon: 'play', run: () => this.#ask('resume') }
        : { label: t('ui.suspend'), icon: 'pause', run: () => this.#ask('suspend') },
      { label: t('ui.delete'), icon: 'trash', danger: true, separate: true, run: () => this.#ask('delete') },
    ]
    return html`<nusa-button
        slot="actions"
        icon="external"
        target="_blank"
        href=${siteUrl(site.domain, this.runtimes?.ports.http ?? 80)}
        >${t('ui.open')}</nusa-button
      >
      ${
        may('sites:write') && site.state === 'active'
          ? html`<nusa-menu slot="actions" label=${t('ui.actions', { domain: site.unicodeDomain })} .items=${items}></nusa-menu>`
          : nothing
      }`
  }

  #settled = (event: CustomEvent<Job>): void => {
    if (this.asking === 'delete' && event.detail.state === 'succeeded') {
      this.#gone = true
      this.#stop?.()
    } else void this.#load()
  }

  #ask(what: Asking): void {
    this.asking = what
  }

  #tabs(site: Site): TemplateResult {
    const added = slotEntries('sites.tabs')
    const tabs: Tab[] = [
      { id: 'overview', label: t('ui.tab.overview') },
      ...(may('sites:write') ? [{ id: 'settings', label: t('ui.tab.settings') }] : []),
      ...added.map(entry => ({ id: entry.element, label: say(entry.title, entry.plugin) || entry.plugin })),
      { id: 'logs', label: t('ui.tab.logs') },
    ]
    const active = tabs.some(tab => tab.id === this.tab) ? this.tab : 'overview'
    return html`${site.suspended ? html`<nusa-callout tone="warning" heading=${t('ui.suspended')}>${t('ui.suspended.text')}</nusa-callout>` : nothing}
      <nusa-tabs
        label=${site.unicodeDomain}
        .tabs=${tabs}
        .active=${active}
        @nusa-tab=${(event: CustomEvent<string>) => {
          this.tab = event.detail
          history.replaceState(null, '', `#${event.detail}`)
        }}
      >
        ${active === 'overview' ? html`<nusa-sites-overview slot="overview" .site=${site} .runtimes=${this.runtimes}></nusa-sites-overview>` : nothing}
        ${active === 'settings' ? html`<nusa-sites-settings slot="settings" .site=${site} .runtimes=${this.runtimes} @nusa-settled=${this.#load}></nusa-sites-settings>` : nothing}
        ${active === 'logs' ? html`<nusa-sites-log slot="logs" .site=${site}></nusa-sites-log>` : nothing}
        ${added
          .filter(entry => entry.element === active)
          .map(
            entry => html`<nusa-contribution
              slot=${entry.element}
              plugin=${entry.plugin}
              element=${entry.element}
              .properties=${{ siteId: site.id }}
            ></nusa-contribution>`,
          )}
      </nusa-tabs>`
  }

  #dialog(site: Site): TemplateResult {
    const what = this.asking
    const question = what && questions[what]
    return html`<nusa-confirm
      ?open=${what !== undefined}
      owner="sites"
      heading=${question ? t(question.heading, { domain: site.unicodeDomain }) : ''}
      text=${question ? t(question.text) : ''}
      action=${question ? t(question.action) : ''}
      name=${what === 'delete' ? site.domain : ''}
      .request=${this.#request(site)}
      @nusa-settled=${this.#settled}
      @nusa-close=${() => {
        this.#ask(undefined)
        if (this.#gone) navigate('/sites')
      }}
    >
      ${
        what === 'delete'
          ? html`<nusa-checkbox
            label=${t('ui.delete.keep')}
            hint=${t('ui.delete.keep.hint')}
            ?checked=${this.keepFiles}
            @nusa-change=${(event: CustomEvent<{ value: boolean }>) => {
              this.keepFiles = event.detail.value
            }}
          ></nusa-checkbox>`
          : nothing
      }
    </nusa-confirm>`
  }

  #request(site: Site): ChangeRequest | undefined {
    const path = `/sites/${site.id}`
    if (this.asking === 'delete')
      return { method: 'DELETE', path, query: { confirm: site.domain, keepFiles: this.keepFiles } }
    return this.asking ? { method: 'POST', path: `${path}/${this.asking}` } : undefined
  }
}
