import { api, asProblem, formatDate, type Job, may, NusaElement, type Plan, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './change-badge.js'
import { type Change, changeTitle, isRevertible, touched } from './change-wire.js'

/** One change of the configuration: what it did to which file, for whom and why, and taking it back. */
@customElement('nusa-change-page')
export class ChangePage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 10px 32px;
        margin-bottom: 18px;
      }
      dl div {
        min-width: 0;
      }
      dt {
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      nusa-callout {
        margin-bottom: 16px;
      }
      nusa-plan {
        --nusa-diff-height: 60vh;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private change: Change | undefined
  @state() private error: unknown
  @state() private asking = false

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    try {
      this.change = await api.get<Change>(`/changes/${this.params.id}`)
      this.error = undefined
    } catch (error) {
      // What is shown stays when only the refresh failed.
      if (!this.change || asProblem(error).status === 404) this.error = error
    }
  }

  override render(): TemplateResult {
    const { change } = this
    return html`<nusa-page
      heading=${change ? changeTitle(change) : t('changes.heading')}
      back="/changes"
      backLabel=${t('changes.heading')}
    >
      ${change ? html`<nusa-change-badge slot="badge" state=${change.state}></nusa-change-badge>` : nothing}
      ${
        change && may('changes:write') && isRevertible(change)
          ? html`<nusa-button
              slot="actions"
              icon="undo"
              @click=${() => {
                this.asking = true
              }}
              >${t('change.rollback')}</nusa-button
            >`
          : nothing
      }
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
          : change
            ? this.#body(change)
            : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
    </nusa-page>`
  }

  #body(change: Change): TemplateResult {
    return html`${this.#facts(change)} ${this.#relations(change)} ${this.#files(change)}
      <nusa-confirm
        ?open=${this.asking}
        heading=${t('change.rollback.heading')}
        text=${t('change.rollback.text')}
        action=${t('change.rollback')}
        .request=${{ method: 'POST' as const, path: `/changes/${change.id}/rollback` }}
        @nusa-close=${() => {
          this.asking = false
        }}
        @nusa-settled=${(event: CustomEvent<Job>) => {
          if (event.detail.state === 'succeeded') void this.#load()
        }}
      ></nusa-confirm>`
  }

  #facts(change: Change): TemplateResult {
    const { actor, at, plugin, tenant, revision, reason, jobId } = change
    const fact = (label: string, value: unknown) =>
      value ? html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>` : nothing
    const job = jobId ? html`<a href="/jobs/${jobId}">${t('change.job.open')}</a>` : undefined
    return html`<dl>
      ${fact('jobs.column.actor', actor.name)}
      ${fact('jobs.column.at', html`<nusa-time value=${at}></nusa-time> <span class="muted small">${formatDate(new Date(at))}</span>`)}
      ${fact('change.job', reason || !jobId ? job : t('change.job.gone'))}
      ${fact('changes.operation', reason ? html`<span class="mono small">${reason.operation}</span>` : undefined)}
      ${fact('changes.plugin', plugin)}
      ${fact('change.tenant', tenant ? html`<span class="mono small">${tenant}</span>` : undefined)}
      ${fact('change.revision', revision ? html`<span class="mono small">${revision}</span>` : undefined)}
    </dl>`
  }

  #relations({ revertsId, revertedBy }: Change): TemplateResult {
    return html`${
      revertedBy
        ? html`<nusa-callout tone="neutral" heading=${t('change.was-reverted')}>
          <p><a href="/changes/${revertedBy}">${t('change.was-reverted.link')}</a></p>
        </nusa-callout>`
        : nothing
    }
    ${
      revertsId
        ? html`<nusa-callout tone="neutral" heading=${t('change.reverts')}>
          <p><a href="/changes/${revertsId}">${t('change.reverts.link')}</a></p>
        </nusa-callout>`
        : nothing
    }`
  }

  #files(change: Change): TemplateResult {
    const files = touched(change).map(({ path, action, diff = '' }) => ({ path, action, diff }))
    if (!files.length)
      return html`<div class="panel">
        <nusa-empty icon="file" heading=${t(change.files ? 'changes.no-file' : 'change.files-unknown')}></nusa-empty>
      </div>`
    const lost = files.some(({ diff, action }) => !diff && action !== 'none')
    const done: Plan = { hash: '', steps: [], files, operations: [], packages: [], services: [] }
    return html`<h2 class="visually-hidden">${t('changes.files')}</h2>
      <nusa-plan expanded .plan=${done} owner=${change.plugin}></nusa-plan>
      ${lost ? html`<p class="small muted">${t('change.diff-gone')}</p>` : nothing}`
  }
}
