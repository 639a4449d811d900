import { NusaElement, onShellInfo, say, shellInfo, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { mayVisit, type OwnPage, ownPages } from '../routes.js'
import './brand.js'

interface Entry {
  readonly href: string
  readonly icon: string
  readonly label: string
}

/** The navigation: what plugins contribute, then the server's own pages. */
@customElement('nusa-nav')
export class Nav extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nav {
        display: flex;
        flex-direction: column;
        min-height: 100%;
      }
      :host {
        padding: 0 12px 14px;
        background: var(--nusa-nav);
        overflow-y: auto;
      }
      :host([drawer]) {
        background: none;
        padding-top: 6px;
      }
      nusa-brand {
        height: 54px;
        padding: 0 8px;
        flex: none;
      }
      ul {
        display: flex;
        flex-direction: column;
        gap: 1px;
      }
      .group {
        margin: 16px 0 5px;
        padding: 0 10px;
        font-size: var(--nusa-text-xs);
        font-weight: 560;
        color: var(--nusa-muted);
      }
      a {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 7px 10px;
        border-radius: var(--nusa-radius);
        color: var(--nusa-text);
        font-weight: 520;
      }
      a nusa-icon {
        color: var(--nusa-muted);
        font-size: 0.95rem;
      }
      a:hover {
        background: var(--nusa-hover);
        text-decoration: none;
      }
      a[aria-current] {
        background: var(--nusa-accent-soft);
        color: var(--nusa-on-accent-soft);
      }
      a[aria-current] nusa-icon {
        color: inherit;
      }
      .foot {
        margin-top: auto;
        padding: 12px 10px 0;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
        font-size: var(--nusa-text-xs);
        color: var(--nusa-muted);
      }
    `,
  ]
  @property() path = ''
  @property({ type: Boolean, reflect: true }) drawer = false
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  override render(): TemplateResult {
    const info = shellInfo()
    const plugins = info.pages
      .filter(page => page.nav)
      .sort((a, b) => (a.nav?.order ?? 0) - (b.nav?.order ?? 0))
      .map(page => ({ href: page.path, icon: page.nav?.icon ?? 'dot', label: say(page.nav?.title, page.plugin) }))
    const pages = ownPages.filter(page => page.nav && mayVisit(page))
    const entry = ({ path, nav }: OwnPage) => ({ href: path, icon: nav?.icon ?? 'dot', label: t(nav?.key ?? '') })
    const first = pages.filter(page => page.nav?.first).map(entry)
    const own = pages.filter(page => !page.nav?.first).map(entry)
    return html`<nav aria-label=${t('nav.label')}>
        ${this.drawer ? nothing : html`<nusa-brand></nusa-brand>`}
        <ul>
          ${[...first, ...plugins].map(entry => this.#entry(entry))}
        </ul>
        ${own.length ? html`<p class="group">${t('nav.server')}</p>` : nothing}
        <ul>
          ${own.map(entry => this.#entry(entry))}
        </ul>
        <div class="foot">
        ${info.profile === 'sandbox' ? html`<nusa-badge tone="info" title=${t('profile.sandbox.text')}>${t('profile.sandbox')}</nusa-badge>` : nothing}
          <span>${info.version ? t('nav.version', { version: info.version }) : ''}</span>
        </div>
      </nav>`
  }

  #entry(entry: Entry): TemplateResult {
    const here = this.path === entry.href || this.path.startsWith(`${entry.href}/`)
    return html`<li>
      <a href=${entry.href} aria-current=${here ? 'page' : nothing}><nusa-icon name=${entry.icon}></nusa-icon>${entry.label}</a>
    </li>`
  }
}
