import { NusaElement, type Onboarding } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Component } from '../api.js'
import './software.js'
import { t } from './texts.js'

/** The step of setting a server up that brings what sites stand on; done once there is a web server. */
@customElement('nusa-stack-onboarding')
export class StackOnboarding extends NusaElement {
  @property({ attribute: false }) onboarding!: Onboarding

  #listed = ({ detail }: CustomEvent<readonly Component[]>): void => {
    this.onboarding.settle(detail.some(({ kind, state }) => kind === 'web' && state === 'installed'))
  }

  override render(): TemplateResult {
    return html`<div class="stack">
      <p class="muted">${t('ui.onboarding.text')}</p>
      <nusa-stack-software suggest @nusa-stack-listed=${this.#listed}></nusa-stack-software>
    </div>`
  }
}
