import { NusaElement, onShellInfo, say, shellInfo, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { mayVisit, type NavGroup, navGroups, type OwnPage, ownPages } from '../routes.js'
import './brand.js'

interface Entry {
  readonly href: string
  readonly icon: string
  readonly label: string
}

/** The navigation: what plugins contribute, then the panel's own pages in groups. */
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
    const first = ownPages.filter(page => page.nav?.first && mayVisit(page)).map(entryOf)
    return html`<nav aria-label=${t('nav.label')}>
        ${this.drawer ? nothing : html`<nusa-brand></nusa-brand>`}
        <ul>
          ${[...first, ...plugins].map(entry => this.#entry(entry))}
        </ul>
        ${navGroups.map(group => this.#group(group))}
        <div class="foot">
        ${info.profile === 'sandbox' ? html`<nusa-badge tone="info" title=${t('profile.sandbox.text')}>${t('profile.sandbox')}</nusa-badge>` : nothing}
          <span>${info.version ? t('nav.version', { version: info.version }) : ''}</span>
        </div>
      </nav>`
  }

  #group(group: NavGroup): TemplateResult | typeof nothing {
    const entries = ownPages
      .filter(page => page.nav && !page.nav.first && mayVisit(page) && (page.nav.group ?? 'server') === group)
      .sort((one, other) => (one.nav?.order ?? 0) - (other.nav?.order ?? 0))
      .map(entryOf)
    if (!entries.length) return nothing
    return html`<p class="group" id=${group}>${t(`nav.${group}`)}</p>
      <ul aria-labelledby=${group}>
        ${entries.map(entry => this.#entry(entry))}
      </ul>`
  }

  #entry(entry: Entry): TemplateResult {
    const here = this.path === entry.href || this.path.startsWith(`${entry.href}/`)
    return html`<li>
      <a href=${entry.href} aria-current=${here ? 'page' : nothing}><nusa-icon name=${entry.icon}></nusa-icon>${entry.label}</a>
    </li>`
  }
}

function entryOf({ path, nav }: OwnPage): Entry {
  return { href: path, icon: nav?.icon ?? 'dot', label: t(nav?.key ?? '') }
}
