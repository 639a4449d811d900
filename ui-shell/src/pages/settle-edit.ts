import { type ApiProblem, api, asProblem, diffLines, NusaElement, type Plan, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { DriftedFile, Settling } from './drifted-file.js'

/**
 * Asks before an edit by hand becomes the truth or is taken back, with what that does to the file. Fires `nusa-settled` once it is
 * done, `nusa-outdated` when the file was edited again meanwhile, `nusa-close` when the reader leaves it.
 */
@customElement('nusa-settle-edit')
export class SettleEdit extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      .body {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-4);
      }
      .mono {
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) settling?: Settling
  @state() private problem: ApiProblem | undefined
  @state() private busy = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('settling')
    if (changed.has('settling') && before?.file.path !== this.settling?.file.path) this.problem = undefined
  }

  #go = async (): Promise<void> => {
    const { settling } = this
    if (!settling || this.busy) return
    const { file, action } = settling
    this.busy = true
    this.problem = undefined
    try {
      await api.post('/drift', { plugin: file.plugin, path: file.path, action, hash: file.hash })
      this.emit('nusa-settled', settling)
    } catch (error) {
      this.problem = asProblem(error)
      if (this.problem.code === 'plan_outdated') this.emit('nusa-outdated')
    } finally {
      this.busy = false
    }
  }

  #close = (): void => {
    this.problem = undefined
    this.emit('nusa-close')
  }

  override render(): TemplateResult {
    const { settling } = this
    const key = settling?.action === 'adopt' ? 'drift.adopt' : 'drift.discard'
    return html`<nusa-dialog
      wide
      ?open=${settling !== undefined}
      heading=${settling ? t(`${key}.heading`) : ''}
      @nusa-close=${(event: Event) => {
        event.stopPropagation()
        this.#close()
      }}
    >
      ${settling ? this.#question(settling) : nothing}
      <nusa-button slot="footer" @click=${this.#close}>${t('action.cancel')}</nusa-button>
      <nusa-button slot="footer" variant="primary" ?busy=${this.busy} @click=${this.#go}>${t(key)}</nusa-button>
    </nusa-dialog>`
  }

  #question({ file, action }: Settling): TemplateResult {
    return html`<div class="body">
      <p>${t(`drift.${action}.text`)}</p>
      ${
        this.problem
          ? html`<nusa-callout tone="danger" alert heading=${this.problem.reason}>${this.problem.remedy ?? nothing}</nusa-callout>`
          : nothing
      }
      <h3>${t('plan.heading')}</h3>
      ${
        action === 'discard'
          ? html`<nusa-plan expanded .plan=${takenBack(file)} owner=${file.plugin}></nusa-plan>`
          : html`<p>${t('drift.adopt.nothing-written')}</p>
            <p class="mono small muted">${file.path}</p>`
      }
    </div>`
  }
}

/** What taking an edit back does to its file. */
function takenBack({ path, kind, diff }: DriftedFile): Plan {
  const action = kind === 'missing' ? 'create' : 'modify'
  const files = [{ path, action, diff: turned(diff) }]
  return { hash: '', steps: [], files, operations: [], packages: [], services: [], late: false }
}

/** The difference the other way round, for the eye. */
function turned(diff: string): string {
  if (!diff.includes('@@')) return diff
  const blocks: string[] = []
  let removed: string[] = []
  let added: string[] = []
  const flush = () => {
    blocks.push(...removed, ...added)
    removed = []
    added = []
  }
  for (const { kind, text } of diffLines(diff)) {
    if (kind === 'add') removed.push(`-${text.slice(1)}`)
    else if (kind === 'del') added.push(`+${text.slice(1)}`)
    else {
      flush()
      blocks.push(text.replace(/^@@ -(\S+) \+(\S+) @@/, '@@ -$2 +$1 @@'))
    }
  }
  flush()
  return blocks.join('\n')
}
