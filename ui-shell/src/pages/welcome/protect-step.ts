import { NusaElement, type Onboarding, onSession, session } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import '../account-totp.js'

/** A second factor for the first administrator. */
@customElement('nusa-welcome-protect')
export class ProtectStep extends NusaElement {
  @property({ attribute: false }) onboarding!: Onboarding
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#settle()
    this.#stop = onSession(this.#settle)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  #settle = (): void => this.onboarding.settle(session().user?.totp ?? false)

  override render(): TemplateResult {
    return html`<nusa-account-totp></nusa-account-totp>`
  }
}
