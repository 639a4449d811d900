import { NusaElement, onShellInfo, prefer, shellInfo, t } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { destinations, offKey } from './shortcuts.js'

/** Every key that does something, and the switch that turns single ones off. */
@customElement('nusa-shortcut-help')
export class ShortcutHelp extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 9px 18px;
        align-items: center;
        margin-bottom: 18px;
      }
      kbd {
        display: inline-block;
        min-width: 24px;
        padding: 2px 7px;
        border: 1px solid var(--nusa-border-strong);
        border-radius: var(--nusa-radius-sm);
        background: var(--nusa-sunken);
        font-family: var(--nusa-font);
        font-size: var(--nusa-text-sm);
        text-align: center;
      }
    `,
  ]
  @state() private open = false
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  show(): void {
    this.open = true
  }

  override render(): TemplateResult {
    const command = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'
    return html`<nusa-dialog
      heading=${t('shortcuts.heading')}
      ?open=${this.open}
      @nusa-close=${() => {
        this.open = false
      }}
    >
      <dl>
        ${this.#key([command, 'K'], t('shortcuts.palette'))} ${this.#key(['/'], t('shortcuts.palette'))}
        ${this.#key(['J'], t('drawer.open'))} ${this.#key(['?'], t('shortcuts.help'))}
        ${destinations().map(({ key, label }) => this.#key(['G', key.toUpperCase()], t('shortcuts.go', { page: label })))}
        ${this.#key(['Esc'], t('shortcuts.close'))}
      </dl>
      <nusa-checkbox
        label=${t('shortcuts.off')}
        hint=${t('shortcuts.off.hint', { command })}
        ?checked=${Boolean(shellInfo().preferences[offKey])}
        @nusa-change=${(event: CustomEvent<{ value: boolean }>) => prefer(offKey, event.detail.value || null)}
      ></nusa-checkbox>
    </nusa-dialog>`
  }

  #key(keys: readonly string[], meaning: string): TemplateResult {
    return html`<dt>${keys.map(key => html`<kbd>${key}</kbd> `)}</dt>
      <dd>${meaning}</dd>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-shortcut-help': ShortcutHelp
  }
}
