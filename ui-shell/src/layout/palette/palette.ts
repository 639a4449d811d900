import { api, type Message, NusaElement, navigate, say, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { type Command, commands } from './commands.js'
import { matching } from './matching.js'

/** After the last key before the panel is asked. Milliseconds. */
const pauseMs = 150

/** `GET /api/v1/search`. */
interface Found {
  readonly plugin: string
  readonly title: string
  readonly href: string
  readonly kind: Message
}

/** Goes anywhere and does anything by a few letters: pages, actions, and whatever plugins find. */
@customElement('nusa-palette')
export class Palette extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      dialog {
        width: min(600px, calc(100vw - 24px));
        max-height: min(70vh, 560px);
        margin: 12vh auto auto;
        padding: 0;
        border: 1px solid var(--nusa-border);
        border-radius: 14px;
        background: var(--nusa-raised);
        color: var(--nusa-text);
        box-shadow: var(--nusa-shadow-lg);
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: var(--nusa-scrim);
      }
      label {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 4px 16px;
        border-bottom: 1px solid var(--nusa-border);
        color: var(--nusa-muted);
      }
      input {
        flex: 1;
        min-width: 0;
        height: 48px;
        border: 0;
        background: none;
        color: var(--nusa-text);
        font-size: var(--nusa-text-lg);
      }
      input:focus-visible {
        outline: none;
      }
      label:focus-within {
        box-shadow: inset 0 -2px 0 var(--nusa-focus);
      }
      #results {
        flex: 1;
        padding: 6px 8px 10px;
        overflow: auto;
      }
      .group {
        padding: 10px 10px 4px;
        font-size: var(--nusa-text-xs);
        font-weight: 560;
        color: var(--nusa-muted);
      }
      [role='option'] {
        display: flex;
        align-items: center;
        gap: 11px;
        min-height: 36px;
        padding: 6px 10px;
        border-radius: var(--nusa-radius);
        cursor: pointer;
      }
      [role='option'] span {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      [role='option'] nusa-icon {
        color: var(--nusa-muted);
        font-size: 0.95rem;
      }
      [aria-selected='true'] {
        background: var(--nusa-accent-soft);
        color: var(--nusa-on-accent-soft);
      }
      [aria-selected='true'] nusa-icon {
        color: inherit;
      }
      .none {
        padding: 24px;
        text-align: center;
        color: var(--nusa-muted);
      }
    `,
  ]
  @state() private typed = ''
  @state() private found: readonly Command[] = []
  @state() private chosen = 0
  @query('dialog') private dialog!: HTMLDialogElement
  @query('input') private input!: HTMLInputElement
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort = new AbortController()

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  /** Whoever closes it early is searched nothing for: it opens empty again. */
  #stop = (): void => {
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  async show(): Promise<void> {
    await this.updateComplete
    if (this.dialog.open) return
    this.#stop()
    this.typed = ''
    this.found = []
    this.chosen = 0
    await this.updateComplete
    this.dialog.showModal()
    this.input.focus()
  }

  get #shown(): readonly Command[] {
    const known = matching(commands(), this.typed, ({ label }) => label)
    // What somebody searched for by name comes before what is always there, unless that begins so.
    return this.typed ? [...known.slice(0, 8), ...this.found] : known
  }

  #type(): void {
    this.typed = this.input.value.trim()
    this.chosen = 0
    this.#stop()
    if (!this.typed) this.found = []
    else this.#timer = setTimeout(() => void this.#search(), pauseMs)
  }

  async #search(): Promise<void> {
    const abort = new AbortController()
    this.#abort = abort
    try {
      const options = { query: { q: this.typed }, signal: abort.signal }
      const { items } = await api.get<{ items: readonly Found[] }>('/search', options)
      if (!abort.signal.aborted) this.found = items.map(toCommand)
    } catch {
      // Pages and actions are there without the panel; the shell says that it does not answer.
      if (!abort.signal.aborted) this.found = []
    }
  }

  #key(event: KeyboardEvent): void {
    const { length } = this.#shown
    const to = { ArrowDown: this.chosen + 1, ArrowUp: this.chosen - 1, Home: 0, End: length - 1 }[event.key]
    // Home and End move in the text while there is one.
    if (to !== undefined && length && !(this.typed && (event.key === 'Home' || event.key === 'End'))) {
      event.preventDefault()
      this.chosen = (to + length) % length
      void this.#reveal()
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault()
      this.#run(this.#shown[this.chosen])
    }
  }

  async #reveal(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }

  #run(command: Command | undefined): void {
    if (!command) return
    this.dialog.close()
    command.run()
  }

  override render(): TemplateResult {
    const shown = this.#shown
    return html`<dialog
      aria-label=${t('palette.label')}
      @close=${this.#stop}
      @click=${(event: MouseEvent) => {
        if (event.target === this.dialog) this.dialog.close()
      }}
    >
      <label>
        <nusa-icon name="search"></nusa-icon>
        <input
          role="combobox"
          type="text"
          aria-label=${t('palette.label')}
          aria-expanded="true"
          aria-controls="results"
          aria-autocomplete="list"
          aria-activedescendant=${shown.length ? `option-${this.chosen}` : nothing}
          placeholder=${t('palette.placeholder')}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          maxlength="100"
          .value=${this.typed}
          @input=${this.#type}
          @keydown=${this.#key}
        />
      </label>
      <div id="results" role="listbox" aria-label=${t('palette.results')} tabindex="-1">
        ${repeat(
          shown,
          ({ id }) => id,
          (command, index) => this.#option(command, index, shown[index - 1]?.group !== command.group),
        )}
      </div>
      ${shown.length ? nothing : html`<p class="none" role="status">${t('palette.none', { typed: this.typed })}</p>`}
    </dialog>`
  }

  #option(command: Command, index: number, first: boolean): TemplateResult {
    return html`${first && !this.typed ? html`<p class="group" role="presentation">${command.group}</p>` : nothing}
      <div
        id="option-${index}"
        role="option"
        aria-selected=${index === this.chosen ? 'true' : 'false'}
        @click=${() => this.#run(command)}
        @pointermove=${() => {
          this.chosen = index
        }}
      >
        <nusa-icon name=${command.icon}></nusa-icon><span>${command.label}</span>
        ${this.typed ? html`<span class="small muted">${command.group}</span>` : nothing}
      </div>`
  }
}

function toCommand({ title, href, kind, plugin }: Found): Command {
  return { id: `found ${href}`, label: title, icon: 'search', group: say(kind, plugin), run: () => navigate(href) }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-palette': Palette
  }
}
