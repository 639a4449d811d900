import {
  api,
  followHistory,
  listen,
  NusaElement,
  navigate,
  onConnection,
  onShellInfo,
  type PageFrame,
  refreshContributions,
  routeEvent,
  type ShellInfo,
  shellInfo,
  t,
  toast,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, query, state } from 'lit/decorators.js'
import { landing } from '../routes.js'
import { followNotifications } from './notifications.js'
import { pageFailed } from './page-failed.js'
import { keepScroll } from './scroll.js'
import { followKeys } from './shortcuts.js'
import './jobs-drawer.js'
import './nav.js'
import './outlet.js'
import './top-bar.js'

/** The signed-in frame: navigation, top bar, page. Moves the focus to the heading of a page that was opened by a link. */
@customElement('nusa-app')
export class App extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: grid;
        grid-template-columns: 232px minmax(0, 1fr);
        grid-template-rows: 54px minmax(0, 1fr);
        min-height: 100dvh;
      }
      nusa-top-bar {
        height: 100%;
      }
      nusa-nav {
        grid-column: 1;
        grid-row: 1 / -1;
        position: sticky;
        top: 0;
        height: 100dvh;
        border-right: 1px solid var(--nusa-border);
      }
      header {
        grid-column: -2 / -1;
        grid-row: 1;
        position: sticky;
        top: 0;
        z-index: 20;
      }
      main {
        grid-column: -2 / -1;
        padding: 26px clamp(16px, 3.2vw, 40px) 64px;
        min-width: 0;
      }
      main:focus {
        outline: none;
      }
      .skip {
        position: fixed;
        left: 12px;
        top: -60px;
        z-index: 60;
        padding: 9px 14px;
        border-radius: var(--nusa-radius);
        background: var(--nusa-accent);
        color: var(--nusa-on-accent);
      }
      .skip:focus {
        top: 10px;
      }
      .offline {
        margin-bottom: 16px;
      }
      .offline nusa-button {
        margin-top: 8px;
      }
      @media (max-width: 860px) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
        nusa-nav.fixed {
          display: none;
        }
        main {
          padding-top: 18px;
        }
      }
    `,
  ]
  @state() private path = location.pathname
  @state() private menuOpen = false
  @state() private connected = true
  /** The version that this page is of, once another one answers. */
  @state() private newer = ''
  @query('main') private main!: HTMLElement
  /** The next heading that appears gets the focus: the page was opened by the reader, not by a reload. */
  #headingPending = false
  /** Of the page, also while something else covers the app. */
  #title = ''
  #frame: PageFrame | undefined
  #disposers: (() => void)[] = []

  override connectedCallback(): void {
    super.connectedCallback()
    const moved = () => this.#moved()
    window.addEventListener(routeEvent, moved)
    this.#disposers = [
      () => window.removeEventListener(routeEvent, moved),
      followHistory(),
      onShellInfo(() => {
        this.#land()
        this.requestUpdate()
      }),
      onConnection(connected => {
        this.connected = connected
        if (!connected) return
        toast(t('offline.back'), { tone: 'success' })
        void this.#compare()
      }),
      followNotifications(),
      listen('shell', () => void this.#compare()),
      keepScroll(),
      followKeys({ palette: () => void this.#search(), help: () => void this.#help() }),
    ]
    this.#land()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const dispose of this.#disposers) dispose()
  }

  /**
   * What plugins show now, as somebody may have switched some, and whether it is still the panel that this page is of: it may
   * have been upgraded while it did not answer.
   */
  async #compare(): Promise<void> {
    const own = shellInfo().version
    try {
      const info = await api.get<ShellInfo>('/shell')
      // Nobody is signed in any more.
      if (!info.version) return
      await refreshContributions(async () => info)
      if (info.version !== own) this.newer ||= own
    } catch {
      // Somebody else says so: the sign-in, or the next request.
    }
  }

  #land(): void {
    if (location.pathname === '/') navigate(landing, { replace: true })
  }

  #moved(): void {
    this.menuOpen = false
    if (location.pathname === this.path) return
    this.path = location.pathname
    this.#headingPending = true
    window.scrollTo(0, 0)
    this.#land()
  }

  /** Loaded when it is first asked for. */
  async #search(): Promise<void> {
    if (this.inert) return
    try {
      await import('./palette/palette.js')
      await this.renderRoot.querySelector('nusa-palette')?.show()
    } catch (error) {
      toastProblem(pageFailed(error))
    }
  }

  async #help(): Promise<void> {
    if (this.inert) return
    try {
      await import('./shortcut-help.js')
      this.renderRoot.querySelector('nusa-shortcut-help')?.show()
    } catch (error) {
      toastProblem(pageFailed(error))
    }
  }

  /** Somebody signed in: to the page of the address, which is new to them, or to the one that they left. */
  arrive(): void {
    if (this.#title) document.title = this.#title
    if (this.#frame?.isConnected) this.#frame.focusHeading()
    else this.#headingPending = true
  }

  #heading = (event: CustomEvent<string>): void => {
    this.#title = `${event.detail} · Nusantara Panel`
    this.#frame = event.composedPath()[0] as PageFrame
    if (!this.inert) document.title = this.#title
    if (!this.#headingPending) return
    this.#headingPending = false
    this.#frame.focusHeading()
  }

  override render(): TemplateResult {
    return html`<header>
        <a
          class="skip"
          href="#main"
          @click=${(event: Event) => {
            event.preventDefault()
            this.main.focus()
          }}
          >${t('nav.skip')}</a
        >
        <nusa-top-bar
          @nusa-menu=${() => {
            this.menuOpen = true
          }}
          @nusa-palette=${() => void this.#search()}
          @nusa-shortcuts=${() => void this.#help()}
        ></nusa-top-bar>
      </header>
      <nusa-nav class="fixed" path=${this.path}></nusa-nav>
      <main id="main" tabindex="-1" @nusa-heading=${this.#heading}>
        ${
          this.connected
            ? nothing
            : html`<nusa-callout class="offline" tone="warning" alert heading=${t('offline.heading')}>${t('offline.text')}</nusa-callout>`
        }
        ${
          this.newer
            ? html`<nusa-callout class="offline" tone="info" alert heading=${t('newer.heading')}>
                <p>${t('newer.text', { version: shellInfo().version, own: this.newer })}</p>
                <nusa-button small variant="primary" icon="refresh" @click=${() => location.reload()}>${t('newer.reload')}</nusa-button>
              </nusa-callout>`
            : nothing
        }
        <nusa-outlet path=${this.path}></nusa-outlet>
      </main>
      <nusa-dialog
        side="start"
        heading="Nusantara Panel"
        ?open=${this.menuOpen}
        @nusa-close=${() => {
          this.menuOpen = false
        }}
      >
        ${this.menuOpen ? html`<nusa-nav drawer path=${this.path}></nusa-nav>` : nothing}
      </nusa-dialog>
      <nusa-jobs-drawer></nusa-jobs-drawer>
      <nusa-palette></nusa-palette>
      <nusa-shortcut-help></nusa-shortcut-help>`
  }
}
