import { type MenuItem, may, NusaElement, onSession, session, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { openJobs } from './jobs-drawer.js'
import './bell.js'
import './brand.js'
import './preferences.js'
import { signOut } from './sign-out.js'

const commandKey = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

/** Menu (on a phone), search, jobs, language, theme, and who is signed in. */
@customElement('nusa-top-bar')
export class TopBar extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 2px;
        padding: 0 clamp(10px, 2.4vw, 24px);
        background: color-mix(in srgb, var(--nusa-bg) 86%, transparent);
        backdrop-filter: blur(10px);
        border-bottom: 1px solid var(--nusa-border);
      }
      .space {
        flex: 1;
      }
      .phone {
        display: none;
      }
      .search {
        display: flex;
        align-items: center;
        gap: 9px;
        min-width: 0;
        width: min(320px, 40vw);
        height: var(--nusa-control);
        padding: 0 8px 0 12px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
        cursor: pointer;
      }
      .search:hover {
        border-color: var(--nusa-border-strong);
      }
      .search span {
        flex: 1;
        text-align: left;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      kbd {
        padding: 1px 6px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-sm);
        font-family: var(--nusa-font);
        font-size: var(--nusa-text-xs);
        white-space: nowrap;
      }
      @media (max-width: 860px) {
        .phone {
          display: flex;
        }
        kbd {
          display: none;
        }
      }
      @media (max-width: 520px) {
        .search {
          width: var(--nusa-control);
          padding: 0;
          justify-content: center;
          border-color: transparent;
          background: none;
          color: var(--nusa-text);
        }
        .search span {
          position: absolute;
          width: 1px;
          height: 1px;
          clip-path: inset(50%);
        }
      }
    `,
  ]
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onSession(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  override render(): TemplateResult {
    const user = session().user
    const items: MenuItem[] = [
      { label: t('account.heading'), icon: 'user', href: '/account' },
      { label: t('shortcuts.heading'), icon: 'keyboard', run: () => void this.emit('nusa-shortcuts') },
      { label: t('sign-out'), icon: 'sign-out', separate: true, run: () => void signOut() },
    ]
    return html`<nusa-button
        class="phone"
        variant="quiet"
        bare
        icon="menu"
        label=${t('nav.open')}
        @click=${() => this.emit('nusa-menu')}
      ></nusa-button>
      <button class="search" @click=${() => this.emit('nusa-palette')}>
        <nusa-icon name="search"></nusa-icon><span>${t('palette.open')}</span><kbd aria-hidden="true">${commandKey} K</kbd>
      </button>
      <span class="space"></span>
      ${
        may('jobs:read')
          ? html`<nusa-button variant="quiet" bare icon="activity" label=${t('drawer.open')} @click=${() => openJobs()}></nusa-button>`
          : nothing
      }
      <nusa-bell></nusa-bell>
      <nusa-preferences></nusa-preferences>
      <nusa-menu
        icon="user"
        label=${t('account.menu')}
        heading=${t('account.signed-in', { name: user?.username ?? '' })}
        .items=${items}
      ></nusa-menu>`
  }
}
