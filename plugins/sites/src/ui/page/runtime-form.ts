import type { FormValues } from '@nusantara/sdk/ui'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Runtime, Site } from '../../api.js'
import { runtimeBody, savedRuntime } from '../form/bodies.js'
import { runtimeCards, runtimeFields, servingFields } from '../form/runtime-fields.js'
import { SiteForm } from '../form/site-form.js'

/** What a site serves: files, PHP, an application, or a redirect. */
@customElement('nusa-sites-runtime')
export class RuntimeForm extends SiteForm {
  @state() private type: Runtime['type'] = 'static'

  protected override body(values: FormValues): FormValues {
    return runtimeBody(values, this.site)
  }

  protected override saved(site: Site): FormValues {
    return savedRuntime(site)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated) this.type = this.site.runtime.type
    super.willUpdate(changed)
  }

  protected override discard(): void {
    super.discard()
    this.type = this.site.runtime.type
  }

  #chosen = (event: CustomEvent<{ name: string; value: Runtime['type'] }>): void => {
    if (event.detail.name === 'runtime.type') this.type = event.detail.value
  }

  protected override fields(): TemplateResult {
    const { type, runtimes, filled } = this
    return html`<div class="fields" @nusa-change=${this.#chosen}>
      ${runtimeCards(type, runtimes)} ${runtimeFields(type, runtimes, filled.runtime)}
      ${servingFields(type, runtimes, filled)}
    </div>`
  }
}
