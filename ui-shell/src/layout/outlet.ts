import { NusaElement, onShellInfo, t } from '@nusantara/sdk/ui'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { type OwnRoute, type Route, routeOf } from '../routes.js'
import { pageFailed } from './page-failed.js'

/** Shows the page of the path: the shell's own, or a plugin's, whose module is imported when it is first visited. */
@customElement('nusa-outlet')
export class Outlet extends NusaElement {
  @property() path = ''
  @state() private own: HTMLElement | undefined
  @state() private error: unknown
  #route: Route = { kind: 'missing' }
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => {
      // A plugin that was disabled takes its pages along; every other page stays as it is.
      const next = routeOf(this.path)
      if (next.kind !== this.#route.kind) this.#show(next)
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('path')) this.#show(routeOf(this.path))
  }

  #show(route: Route): void {
    this.#route = route
    this.own = undefined
    this.error = undefined
    if (route.kind === 'own') void this.#load(route)
    this.requestUpdate()
  }

  async #load(route: OwnRoute): Promise<void> {
    const { page, params } = route
    try {
      await page.load()
      if (this.#route === route) this.own = Object.assign(document.createElement(page.element), { params })
    } catch (error) {
      if (this.#route === route) this.error = pageFailed(error)
    }
  }

  override render(): TemplateResult | HTMLElement {
    const route = this.#route
    if (this.error)
      return html`<nusa-page heading=${t('page.broken')}>
        <nusa-failure .error=${this.error} .retry=${() => location.reload()}></nusa-failure>
      </nusa-page>`
    if (route.kind === 'plugin')
      return html`${keyed(
        route.page.path,
        html`<nusa-contribution
          page
          plugin=${route.page.plugin}
          element=${route.page.element}
          .properties=${{ params: route.params }}
        ></nusa-contribution>`,
      )}`
    if (route.kind === 'own') return this.own ?? html`<nusa-skeleton lines="6"></nusa-skeleton>`
    return html`<nusa-page heading=${t('missing.heading')}>
      <nusa-empty icon="search" heading=${t('missing.title')} text=${t('missing.text', { path: this.path })}>
        <nusa-button href="/" icon="arrow-left">${t('missing.home')}</nusa-button>
      </nusa-empty>
    </nusa-page>`
  }
}
