import {
  announceSession,
  api,
  type MenuItem,
  may,
  NusaElement,
  onSession,
  session,
  t,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { openJobs } from './jobs-drawer.js'
import './brand.js'
import './preferences.js'

/** Menu (on a phone), jobs, language, theme, and who is signed in. */
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
      @media (max-width: 860px) {
        .phone {
          display: flex;
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
      { label: t('sign-out'), icon: 'sign-out', separate: true, run: this.#signOut },
    ]
    return html`<nusa-button
        class="phone"
        variant="quiet"
        bare
        icon="menu"
        label=${t('nav.open')}
        @click=${() => this.emit('nusa-menu')}
      ></nusa-button>
      <span class="space"></span>
      ${
        may('jobs:read')
          ? html`<nusa-button variant="quiet" bare icon="activity" label=${t('drawer.open')} @click=${() => openJobs()}></nusa-button>`
          : nothing
      }
      <nusa-preferences></nusa-preferences>
      <nusa-menu
        icon="user"
        label=${t('account.menu')}
        heading=${t('account.signed-in', { name: user?.username ?? '' })}
        .items=${items}
      ></nusa-menu>`
  }

  #signOut = async (): Promise<void> => {
    try {
      await api.post('/auth/logout')
      announceSession()
      location.assign('/')
    } catch (error) {
      toastProblem(error)
    }
  }
}
