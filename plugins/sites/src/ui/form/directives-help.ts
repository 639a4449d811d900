import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { type Allowed, locationDirectives, siteDirectives } from '../../server/directives/allowlist.js'
import { t } from '../texts.js'

const example = `add_header X-Robots-Tag "noindex" always;

location /downloads/ {
    autoindex on;
    expires 7d;
}`

/** What custom directives may say: the allowlist itself, which the server judges by. */
@customElement('nusa-sites-directives-help')
export class DirectivesHelp extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      details {
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
      }
      details + details {
        margin-top: 8px;
      }
      summary {
        padding: 9px 12px;
        cursor: pointer;
        font-weight: 560;
        color: var(--nusa-link);
        font-size: var(--nusa-text-md);
      }
      pre {
        padding: 10px 14px;
        overflow: auto;
        background: var(--nusa-sunken);
        font-size: 0.8rem;
        line-height: 1.6;
      }
      ul {
        display: grid;
        gap: 7px;
        max-height: 300px;
        padding: 4px 14px 12px;
        overflow: auto;
        font-size: var(--nusa-text-sm);
        line-height: 1.45;
      }
      li {
        overflow-wrap: anywhere;
      }
      b {
        font-weight: 620;
      }
    `,
  ]

  override render(): TemplateResult {
    const inside = Object.fromEntries(Object.entries(locationDirectives).filter(([name]) => !(name in siteDirectives)))
    return html`<details>
        <summary>${t('ui.directives.help.example')}</summary>
        <pre tabindex="0">${example}</pre>
      </details>
      <details>
        <summary>${t('ui.directives.help.anywhere')}</summary>
        ${list(siteDirectives, t('ui.directives.help.anywhere'))}
      </details>
      <details>
        <summary>${t('ui.directives.help.location')}</summary>
        ${list(inside, t('ui.directives.help.location'))}
      </details>`
  }
}

function list(allowed: Readonly<Record<string, Allowed>>, label: string): TemplateResult {
  return html`<ul tabindex="0" aria-label=${label}>
    ${Object.entries(allowed).map(
      ([name, rule]) => html`<li><b class="mono">${name}</b> <span class="muted">${argumentsOf(rule)}</span></li>`,
    )}
  </ul>`
}

/** `on, off`; `a header name · text · always`, the last in brackets where it may be left out. */
function argumentsOf({ args, rest, last, optional = 0, block }: Allowed): string {
  const said = ({ expected, variables = '' }: Allowed['args'][number]) => t('sites.expected', { expected, variables })
  const words = args.map((each, index) => (index >= args.length - optional ? `[${said(each)}]` : said(each)))
  const more = last ?? rest
  if (more && more !== args.at(-1)) words.push(said(more))
  return `${words.join(' · ')}${rest ? ' …' : ''}${block ? ' { … }' : ''}`
}
