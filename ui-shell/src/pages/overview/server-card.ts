import { formatBytes, formatNumber, NusaElement, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Server } from './facts.js'

const day = 86_400

/** What the server is, how busy it is, and how long it has been up. */
@customElement('nusa-server-card')
export class ServerCard extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .what {
        margin-bottom: 14px;
        line-height: 1.5;
        overflow-wrap: anywhere;
      }
      .meters {
        display: grid;
        gap: 13px;
      }
    `,
  ]
  @property({ attribute: false }) server?: Server

  override render(): TemplateResult | typeof nothing {
    const { server } = this
    if (!server) return nothing
    return html`<nusa-card heading=${server.hostname} icon="server" href="/health">
      <p class="what small muted">
        ${server.system} · ${t('overview.server.processors', { count: server.processors })} · ${uptime(server.uptimeSeconds)}
      </p>
      <div class="meters">
        <nusa-meter
          label=${t('overview.server.load')}
          text=${t('overview.server.load.text', { load: formatNumber(server.load[0], { maximumFractionDigits: 2 }), processors: server.processors })}
          share=${server.load[0] / Math.max(1, server.processors)}
        ></nusa-meter>
        ${this.#meter(t('overview.server.memory'), server.memory.bytes, server.memory.availableBytes)}
        ${server.swap.bytes ? this.#meter(t('overview.server.swap'), server.swap.bytes, server.swap.freeBytes) : nothing}
        ${server.disks.map(({ path, bytes, freeBytes }) => this.#meter(t('overview.server.disk', { path }), bytes, freeBytes))}
      </div>
    </nusa-card>`
  }

  #meter(label: string, bytes: number, free: number): TemplateResult {
    return html`<nusa-meter
      label=${label}
      text=${t('overview.server.used', { used: formatBytes(bytes - free), total: formatBytes(bytes) })}
      share=${bytes ? (bytes - free) / bytes : 0}
    ></nusa-meter>`
  }
}

function uptime(seconds: number): string {
  if (seconds >= day) return t('overview.server.up-days', { count: Math.floor(seconds / day) })
  if (seconds >= 3600) return t('overview.server.up-hours', { count: Math.floor(seconds / 3600) })
  return t('overview.server.up-minutes', { count: Math.floor(seconds / 60) })
}
