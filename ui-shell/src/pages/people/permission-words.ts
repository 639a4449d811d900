import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { PermissionEntry } from './entries.js'
import { permissionGroups } from './permissions-field.js'

/** Permissions in words, to be read. */
@customElement('nusa-permission-words')
export class PermissionWords extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h3 {
        margin: 16px 0 2px;
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
      }
      section:first-of-type h3 {
        margin-top: 0;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 2px 12px;
        padding: 7px 0;
        border-top: 1px solid var(--nusa-border);
      }
      .note {
        display: block;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
    `,
  ]
  @property({ attribute: false }) items: readonly PermissionEntry[] = []

  override render(): TemplateResult {
    return html`${permissionGroups(this.items).map(
      ({ label, choices }) => html`<section>
        <h3>${label}</h3>
        <ul>
          ${choices.map(
            choice => html`<li>
              <span>${choice.label}${choice.note ? html`<span class="note">${choice.note}</span>` : nothing}</span>
              ${choice.warning ? html`<nusa-badge tone="warning" icon="alert">${choice.warning}</nusa-badge>` : nothing}
            </li>`,
          )}
        </ul>
      </section>`,
    )}`
  }
}
