import { formatBytes, Loaded, NusaElement, type Onboarding, shellInfo } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Check, Examination } from '../health/health-check.js'
import '../health/health-problem.js'
import type { Server } from '../overview/facts.js'
import { t } from './texts.js'

/** What the server is, and what on it stands in the way of the panel: other programs on its ports, no room, a wrong clock. */
@customElement('nusa-welcome-server')
export class ServerStep extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 7px 22px;
        margin: 0;
      }
      dt {
        color: var(--nusa-muted);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .well {
        display: flex;
        align-items: center;
        gap: 10px;
        font-weight: 560;
      }
      .well nusa-icon {
        color: var(--nusa-success);
        font-size: 1.2rem;
      }
      @media (max-width: 560px) {
        dl {
          grid-template-columns: minmax(0, 1fr);
          gap: 0;
        }
        dd {
          margin-bottom: 9px;
        }
      }
    `,
  ]
  @property({ attribute: false }) onboarding!: Onboarding
  readonly #server = new Loaded<Server>(this, '/server')
  readonly #examination = new Loaded<Examination>(this, '/health', { worded: true })

  protected override updated(): void {
    const { found } = this.#examination
    if (found) this.onboarding.settle(found.items.every(({ status }) => status !== 'failed'))
  }

  override render(): TemplateResult {
    return html`<div class="stack">
      ${
        shellInfo().profile === 'sandbox'
          ? html`<nusa-callout heading=${t('server.sandbox')}>${t('server.sandbox.text')}</nusa-callout>`
          : nothing
      }
      <section class="panel">${this.#facts()}</section>
      ${this.#findings()}
    </div>`
  }

  #facts(): TemplateResult {
    const { found, error, ask } = this.#server
    if (error) return html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
    if (!found) return html`<nusa-skeleton lines="5"></nusa-skeleton>`
    const { hostname, system, release, architecture, processors, processor, memory, disks } = found
    return html`<dl>
      <dt>${t('server.name')}</dt>
      <dd>${hostname}</dd>
      <dt>${t('server.system')}</dt>
      <dd>${system || release} <span class="muted">(${architecture}, Linux ${release})</span></dd>
      <dt>${t('server.processor')}</dt>
      <dd>${t('server.processors', { count: processors })} ${processor ? html`<span class="muted">${processor}</span>` : nothing}</dd>
      <dt>${t('server.memory')}</dt>
      <dd>${t('server.free', { free: formatBytes(memory.availableBytes), total: formatBytes(memory.bytes) })}</dd>
      ${disks.map(
        ({ path, bytes, freeBytes }) => html`<dt>${t('server.disk', { path })}</dt>
          <dd>${t('server.free', { free: formatBytes(freeBytes), total: formatBytes(bytes) })}</dd>`,
      )}
    </dl>`
  }

  #findings(): TemplateResult {
    const { found, error, busy, ask } = this.#examination
    if (error && !found) return html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
    if (!found) return html`<section class="panel"><nusa-skeleton lines="2"></nusa-skeleton></section>`
    const wrong = (['failed', 'warning'] as const).flatMap(each => found.items.filter(item => item.status === each))
    return html`<section class="stack" aria-label=${t('server.findings')}>
      <div class="spread">
        ${
          wrong.length
            ? html`<div role="status"><h2>${t('server.wrong', { count: wrong.length })}</h2></div>`
            : html`<p class="well" role="status"><nusa-icon name="check-circle"></nusa-icon>${t('server.well')}</p>`
        }
        <nusa-button small icon="refresh" ?busy=${busy} @click=${ask}>${t('server.again')}</nusa-button>
      </div>
      ${wrong.map((check: Check) => html`<nusa-health-problem .check=${check}></nusa-health-problem>`)}
    </section>`
  }
}
