import { type ChangeRequest, type Job, type MenuItem, NusaElement, navigate, session } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { t } from '../texts.js'

/** After the last key before the plan is made again. Milliseconds. */
const pause = 350

/** What is asked before each: heading, text, and the button that does it. */
const questions = {
  suspend: { heading: 'ui.suspend.heading', text: 'ui.suspend.text', action: 'ui.suspend' },
  resume: { heading: 'ui.resume.heading', text: 'ui.resume.text', action: 'ui.resume' },
  delete: { heading: 'ui.delete.heading', text: 'ui.delete.text', action: 'ui.delete' },
} as const

/** What concerns a site as a whole: suspending, resuming, deleting. Fires `nusa-sites-gone` when it was deleted. */
@customElement('nusa-sites-actions')
export class SiteActions extends NusaElement {
  @property({ attribute: false }) site!: Site
  @state() private asking: keyof typeof questions | undefined
  @state() private keepFiles = true
  @state() private reason = ''
  /** The plan waits for the end of the typing. */
  @state() private typing = false
  #pause: ReturnType<typeof setTimeout> | undefined
  #gone = false

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#pause)
  }

  #items(): MenuItem[] {
    const ask = (what: keyof typeof questions) => () => {
      this.asking = what
    }
    const { state, suspended, suspension } = this.site
    const mayResume = suspension?.by !== 'administrator' || session().user?.admin
    const remove: MenuItem = { label: t('ui.delete'), icon: 'trash', danger: true, separate: true, run: ask('delete') }
    // What another job left halfway can only be deleted.
    if (state !== 'active') return [{ ...remove, separate: false }]
    if (!suspended) return [{ label: t('ui.suspend'), icon: 'pause', run: ask('suspend') }, remove]
    return mayResume ? [{ label: t('ui.resume'), icon: 'play', run: ask('resume') }, remove] : []
  }

  #request(): ChangeRequest | undefined {
    const { asking, keepFiles } = this
    const { id, domain } = this.site
    const path = `/sites/${id}`
    if (asking === 'delete') return { method: 'DELETE', path, query: { confirm: domain, keepFiles } }
    if (asking === 'suspend')
      return this.typing
        ? undefined
        : { method: 'POST', path: `${path}/suspend`, body: { reason: this.reason.trim() || undefined } }
    return asking ? { method: 'POST', path: `${path}/resume` } : undefined
  }

  #settled = (event: CustomEvent<Job>): void => {
    if (event.detail.type !== 'sites.delete' || event.detail.state !== 'succeeded') return
    event.stopPropagation()
    this.#gone = true
    this.emit('nusa-sites-gone')
    // The dialog was closed before. The page, which hears it now, lets go of what is unsaved first.
    if (!this.asking) setTimeout(() => navigate('/sites'))
  }

  override render(): TemplateResult {
    const { site, asking } = this
    const question = asking && questions[asking]
    const items = this.#items()
    return html`${items.length ? html`<nusa-menu label=${t('ui.actions', { domain: site.unicodeDomain })} .items=${items}></nusa-menu>` : nothing}
      <nusa-confirm
        ?open=${asking !== undefined}
        owner="sites"
        heading=${question ? t(question.heading, { domain: site.unicodeDomain }) : ''}
        text=${question ? t(question.text) : ''}
        action=${question ? t(question.action) : ''}
        name=${asking === 'delete' ? site.domain : ''}
        .request=${this.#request()}
        @nusa-settled=${this.#settled}
        @nusa-close=${() => {
          this.asking = undefined
          this.reason = ''
          this.keepFiles = true
          if (this.#gone) navigate('/sites')
        }}
      >
        ${asking === 'delete' ? this.#keep() : asking === 'suspend' ? this.#why() : nothing}
      </nusa-confirm>`
  }

  #keep(): TemplateResult {
    return html`<nusa-checkbox
      label=${t('ui.delete.keep')}
      hint=${t('ui.delete.keep.hint')}
      ?checked=${this.keepFiles}
      @nusa-change=${(event: CustomEvent<{ value: boolean }>) => {
        this.keepFiles = event.detail.value
      }}
    ></nusa-checkbox>`
  }

  #why(): TemplateResult {
    return html`<nusa-text-field
      label=${t('ui.suspend.reason')}
      hint=${t('ui.suspend.reason.hint')}
      maxlength="300"
      optional
      .value=${this.reason}
      @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
        this.reason = event.detail.value ?? ''
        this.typing = true
        clearTimeout(this.#pause)
        this.#pause = setTimeout(() => {
          this.typing = false
        }, pause)
      }}
    ></nusa-text-field>`
  }
}
