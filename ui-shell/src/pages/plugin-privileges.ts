import { type Message, NusaElement, say, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'

/** One privilege of `GET /api/v1/plugins/:id/privileges`. */
export interface Privilege extends Message {
  readonly risk: 'low' | 'medium' | 'high'
  /** Against what was agreed to last, while an update asks for something else. */
  readonly change?: Change
}

type Change = 'added' | 'changed' | 'removed'

const changeTones = { added: 'warning', changed: 'info', removed: 'neutral' } as const satisfies Record<Change, string>

/** In the order in which they are shown: what each privilege is about, and its codes. */
const groups = [
  { key: 'users', icon: 'users', codes: ['privilege.tenants'] },
  { key: 'packages', icon: 'cube', codes: ['privilege.packages'] },
  { key: 'services', icon: 'server', codes: ['privilege.service'] },
  { key: 'programs', icon: 'terminal', codes: ['privilege.operation'] },
  { key: 'files', icon: 'file-text', codes: ['privilege.file', 'privilege.fileOpaque'] },
] as const
const grouped: ReadonlySet<string> = new Set(groups.flatMap(({ codes }) => [...codes]))

/** What a plugin may do as root, in words, by what it is about. */
@customElement('nusa-plugin-privileges')
export class PluginPrivileges extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin-bottom: 4px;
      }
      h3 {
        display: flex;
        align-items: center;
        gap: 8px;
        margin: 20px 0 4px;
      }
      h3 nusa-icon {
        color: var(--nusa-muted);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        justify-content: space-between;
        gap: 2px 12px;
        padding: 8px 0;
        border-top: 1px solid var(--nusa-border);
        overflow-wrap: anywhere;
      }
      .text {
        flex: 1 1 260px;
        min-width: 0;
      }
    `,
  ]
  @property({ attribute: false }) items: readonly Privilege[] = []

  override render(): TemplateResult {
    const others = this.items.filter(({ code }) => !grouped.has(code))
    return html`<h2>${t('privileges.heading')}</h2>
      <p class="muted">${t(this.items.length ? 'privileges.lead' : 'privileges.none')}</p>
      ${this.items.some(({ change }) => change) ? html`<nusa-callout heading=${t('privileges.update')}>${t('privileges.update.text')}</nusa-callout>` : nothing}
      ${groups.map(({ key, icon, codes }) =>
        this.#group(
          t(`privileges.${key}`),
          icon,
          this.items.filter(({ code }) => codes.some(one => one === code)),
        ),
      )}
      ${this.#group(t('privileges.others'), 'shield', others)}`
  }

  #group(heading: string, icon: string, items: readonly Privilege[]): TemplateResult | typeof nothing {
    if (!items.length) return nothing
    return html`<section>
      <h3><nusa-icon name=${icon}></nusa-icon>${heading}</h3>
      <ul>
        ${items.map(
          item => html`<li>
            <span class=${item.change === 'removed' ? 'text muted' : 'text'}>${this.#text(item)}</span>
            ${item.change ? html`<nusa-badge tone=${changeTones[item.change]}>${t(`privileges.change.${item.change}`)}</nusa-badge>` : nothing}
            ${item.risk === 'high' ? html`<nusa-badge tone="warning" icon="alert">${t('privileges.risk.high')}</nusa-badge>` : nothing}
          </li>`,
        )}
      </ul>
    </section>`
  }

  /** A file is told by its path; everything else in a sentence. */
  #text(item: Privilege): TemplateResult | string {
    const { path, owner, mode } = (item.params ?? {}) as Readonly<Record<string, string>>
    if (path === undefined) return say(item, 'kernel')
    const opaque = item.code === 'privilege.fileOpaque'
    // `${etc}` is the folder of that name, wherever this host has it.
    return html`<code>${path.replace(/\$\{(\w+)\}/g, '$1')}</code>
      <span class="small muted">${t(opaque ? 'privileges.file.opaque' : 'privileges.file', { owner, mode })}</span>`
  }
}
