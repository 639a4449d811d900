import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { syntaxParts } from '../core/syntax.js'

type LineKind = 'add' | 'del' | 'hunk' | 'same'

/**
 * The lines of a unified diff without its file headers; the text keeps its sign. Headers stand before the first hunk: after it a
 * line that begins with `---` is one that is removed and began with `--`.
 */
export function diffLines(diff: string): readonly { readonly kind: LineKind; readonly text: string }[] {
  const lines = diff.replace(/\n$/, '').split('\n')
  const first = lines.findIndex(line => line.startsWith('@@'))
  return lines
    .slice(Math.max(0, first))
    .filter(line => !line.startsWith('\\ No newline'))
    .map(text => ({ kind: kindOf(text), text }))
}

function kindOf(line: string): LineKind {
  if (line.startsWith('@@')) return 'hunk'
  if (line.startsWith('+')) return 'add'
  return line.startsWith('-') ? 'del' : 'same'
}

/** How many lines a unified diff adds and removes. */
export function diffSize(diff: string): { readonly added: number; readonly removed: number } {
  const lines = diffLines(diff)
  return {
    added: lines.filter(line => line.kind === 'add').length,
    removed: lines.filter(line => line.kind === 'del').length,
  }
}

/** A unified diff of one file in a scrolling block. Added and removed lines keep their signs. */
@customElement('nusa-diff')
export class Diff extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      pre {
        max-height: var(--nusa-diff-height, 420px);
        padding: 8px 0;
        overflow: auto;
        background: var(--nusa-sunken);
        font-size: 0.78rem;
        line-height: 1.6;
        tab-size: 4;
      }
      pre:focus-visible {
        outline-offset: -2px;
      }
      code {
        display: block;
        width: max-content;
        min-width: 100%;
        font-size: inherit;
      }
      code > span {
        display: block;
        padding: 0 14px;
        white-space: pre;
        min-height: 1.6em;
      }
      .add {
        background: var(--nusa-success-soft);
        color: var(--nusa-success);
      }
      .del {
        background: var(--nusa-danger-soft);
        color: var(--nusa-danger);
      }
      .hunk,
      .comment {
        color: var(--nusa-muted);
      }
      i {
        font-style: normal;
      }
      .name {
        font-weight: 650;
      }
      .string {
        color: var(--nusa-info);
      }
    `,
  ]
  @property({ attribute: false }) diff = ''
  @property() label = ''

  override render(): TemplateResult {
    return html`<pre tabindex="0" role="group" aria-label=${this.label}><code>${diffLines(this.diff).map(
      ({ kind, text }) => html`<span class=${kind}>${kind === 'hunk' ? text : coloured(text)}</span>`,
    )}</code></pre>`
  }
}

/** A line with its sign, by the syntax that formats of configuration share. */
function coloured(line: string): TemplateResult {
  const sign = /^[+ -]?/.exec(line)?.[0] ?? ''
  return html`${sign}${syntaxParts(line.slice(sign.length)).map(({ kind, text }) =>
    kind === 'plain' ? text : html`<i class=${kind}>${text}</i>`,
  )}`
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-diff': Diff
  }
}
