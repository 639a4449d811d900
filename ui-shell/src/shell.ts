import {
  ApiProblem,
  announceSession,
  api,
  asProblem,
  checkSession,
  coverDialogs,
  handleSession,
  linkOfClick,
  loadElement,
  loadSession,
  locale,
  NusaElement,
  navigate,
  onSessionElsewhere,
  reloadMessages,
  type Session,
  type ShellInfo,
  session,
  setLocale,
  setShellInfo,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, query, state } from 'lit/decorators.js'
import './layout/app.js'
import './layout/front.js'
import { pageFailed } from './layout/page-failed.js'
import './layout/reauthenticate.js'
import type { App } from './layout/app.js'
import type { Reauthenticate } from './layout/reauthenticate.js'
import { beginning, landing, routeOf } from './routes.js'

type View = 'starting' | 'setup' | 'sign-in' | 'app' | 'leaving' | 'failed'

/**
 * The page's only element. It finds out who is there and shows the first administrator's page, the sign-in, or the app. The
 * address stays as it is while somebody signs in, so that they arrive where they wanted to go; the app stays behind a lost
 * session, so that nothing typed is lost. Signing in or out in another tab counts for this one.
 */
@customElement('nusa-shell')
export class Shell extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .failed {
        max-width: 560px;
        margin: 15vh auto 0;
        padding: 0 20px;
      }
    `,
  ]
  @state() private view: View = 'starting'
  @state() private error: unknown
  /** Whose app is behind the sign-in. */
  #user: string | undefined
  @query('nusa-reauthenticate') private reauthentication!: Reauthenticate
  @query('nusa-app') private app?: App
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('click', this.#clicked)
    handleSession({
      signInNeeded: () => {
        if (this.view !== 'app') return
        // At once, so that several refusals lead there once.
        this.view = 'leaving'
        this.#signIn().catch(this.#failed)
      },
      reauthenticate: () => this.reauthentication.ask(),
    })
    this.#stop = onSessionElsewhere(() => void this.#changedElsewhere())
    void this.#start()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    document.removeEventListener('click', this.#clicked)
  }

  #clicked = (event: MouseEvent): void => {
    const path = linkOfClick(event)
    if (!path) return
    event.preventDefault()
    navigate(path)
  }

  async #start(): Promise<void> {
    this.view = 'starting'
    const messages = reloadMessages()
    try {
      const [known, info] = await Promise.all([
        loadSession(),
        api.get<ShellInfo>('/shell').catch((error: unknown) => {
          if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) return null
          throw error
        }),
      ])
      if (known.assurance === 'full' && info) beginPage(info)
      await messages
      if (known.assurance === 'full' && info) await this.#enter(known, info)
      else await this.#leave(known)
    } catch (error) {
      await messages
      this.#failed(error)
    }
  }

  #failed = (error: unknown): void => {
    this.error = error
    this.view = 'failed'
  }

  #retry = (): void => {
    if (asProblem(this.error).code === 'page_failed') location.reload()
    else void this.#start()
  }

  async #enter(known: Session, info: ShellInfo): Promise<void> {
    if (this.#user && this.#user !== known.user?.id) return location.reload()
    const chosen = known.user?.locale
    if (chosen && chosen !== locale() && !localStorage.getItem('nusa.locale'))
      await setLocale(chosen, { remember: false })
    setShellInfo(info)
    const before = this.view
    this.#user = known.user?.id
    this.view = 'app'
    if (location.pathname === '/setup') navigate(beginning, { replace: true })
    if (location.pathname === '/sign-in') navigate('/', { replace: true })
    if (before === 'starting') return
    // The form that had the focus is gone.
    await this.updateComplete
    this.app?.arrive()
  }

  async #leave(known: Session): Promise<void> {
    const needed = known.assurance === 'none' && (await api.get<{ required: boolean }>('/setup')).required
    if (needed || location.pathname === '/setup') await this.#setUp()
    else await this.#signIn()
  }

  async #setUp(): Promise<void> {
    await import('./pages/setup.js').catch(notLoaded)
    this.view = 'setup'
  }

  async #signIn(): Promise<void> {
    this.reauthentication?.stepAside()
    await import('./pages/sign-in.js').catch(notLoaded)
    this.view = 'sign-in'
  }

  /** After setup or sign-in: who it is now, and what they may see. */
  #arrived = async (): Promise<void> => {
    await this.#welcome()
    announceSession()
  }

  async #welcome(): Promise<void> {
    const known = await loadSession()
    const [info] = await Promise.all([api.get<ShellInfo>('/shell'), reloadMessages()])
    await this.#enter(known, info)
    this.reauthentication.signedIn()
  }

  async #changedElsewhere(): Promise<void> {
    const answer = await checkSession()
    if (answer !== 'signed-in') return
    if (this.view === 'app' && this.#user === session().user?.id) return
    await this.#welcome().catch(toastProblem)
  }

  /** A dialog of the hidden app would make the sign-in inert. */
  protected override updated(changed: PropertyValues): void {
    if (changed.has('view')) coverDialogs(this.view !== 'app')
  }

  override render(): TemplateResult {
    return html`${this.#front()}
      ${this.#user ? html`<nusa-app ?hidden=${this.view !== 'app'} ?inert=${this.view !== 'app'}></nusa-app>` : nothing}
      <nusa-reauthenticate></nusa-reauthenticate>
      <nusa-toasts></nusa-toasts>`
  }

  #front(): TemplateResult | typeof nothing {
    switch (this.view) {
      case 'setup':
        return html`<nusa-setup .done=${this.#arrived}></nusa-setup>`
      case 'sign-in':
        return html`<nusa-sign-in .start=${session().assurance} .done=${this.#arrived}></nusa-sign-in>`
      case 'failed':
        return html`<main class="failed"><nusa-failure .error=${this.error} .retry=${this.#retry}></nusa-failure></main>`
      default:
        return nothing
    }
  }
}

/** The page of the address, and what it asks for, are fetched while the texts are still on their way. Failures show up there. */
function beginPage(info: ShellInfo): void {
  setShellInfo(info)
  const { pathname } = location
  const route = routeOf(pathname === '/' ? landing : pathname)
  if (route.kind === 'missing') return
  if (route.kind === 'plugin') {
    loadElement(route.page.plugin, route.page.element).catch(() => {})
    return
  }
  route.page.load().catch(() => {})
  for (const path of route.page.ahead?.() ?? []) api.ahead(path)
}

function notLoaded(error: unknown): never {
  throw pageFailed(error)
}
