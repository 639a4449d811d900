import { formatNumber, locale, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Expiry } from '../../api.js'
import { lookOf } from '../health-badge.js'
import { dateWords, endWords, t, tabOf } from '../texts.js'
import { type Mark, span, type Timeline, timelineOf, xOf } from './timeline-marks.js'

const height = 92
/** Of the line from the top, pixels. */
const line = 40
const margin = 22
const gap = 30
const dayMs = 86_400_000
/** Rows of a mark that are listed; the list of sites below has them all. */
const mostListed = 8

/**
 * When certificates end, over the next 90 days, one mark each; those that would lie on each other are one with their number.
 * Arrow keys go from mark to mark; what a mark stands for is said below, and all of it in a sentence above.
 */
@customElement('nusa-ssl-timeline')
export class ExpiryTimeline extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      figure {
        padding: 14px 18px 16px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
      }
      h2 {
        font-size: var(--nusa-text-md);
      }
      figcaption {
        margin-bottom: 6px;
      }
      figcaption p {
        margin-top: 2px;
        color: var(--nusa-muted);
        line-height: 1.5;
      }
      svg {
        display: block;
        width: 100%;
        height: ${height}px;
        overflow: visible;
      }
      .line {
        stroke: var(--nusa-border-strong);
        stroke-width: 1;
        opacity: 0.55;
      }
      .tick {
        stroke: var(--nusa-border-strong);
        opacity: 0.55;
      }
      text {
        fill: var(--nusa-muted);
        font-size: 12px;
      }
      .mark {
        cursor: pointer;
        outline: none;
      }
      .mark .body {
        fill: var(--nusa-success-soft);
        stroke: var(--nusa-success);
        stroke-width: 1.6;
      }
      .mark.warning .body {
        fill: var(--nusa-warning-soft);
        stroke: var(--nusa-warning);
      }
      .mark.failed .body {
        fill: var(--nusa-danger-soft);
        stroke: var(--nusa-danger);
      }
      .mark text {
        fill: var(--nusa-text);
        font-weight: 620;
        font-variant-numeric: tabular-nums;
      }
      .mark .ring {
        fill: none;
        stroke: transparent;
        stroke-width: 2;
      }
      .mark.chosen .ring {
        stroke: var(--nusa-border-strong);
      }
      .mark:focus-visible .ring {
        stroke: var(--nusa-focus);
        stroke-width: 3;
      }
      .details {
        min-height: 54px;
        padding-top: 12px;
        border-top: 1px solid var(--nusa-border);
      }
      .details ul {
        display: flex;
        flex-direction: column;
        gap: 5px;
      }
      .details li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 10px;
      }
      .details a {
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) sites: readonly Expiry[] = []
  /** Of the drawing; nothing is drawn before it is known. */
  @state() private width = 0
  @state() private chosen = 0
  readonly #observer = new ResizeObserver(([entry]) => {
    this.width = Math.round(entry?.contentRect.width ?? 0)
  })

  protected override firstUpdated(): void {
    this.#observe()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#observe()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#observer.disconnect()
  }

  #observe(): void {
    const drawing = this.renderRoot.querySelector('.drawing')
    if (drawing) this.#observer.observe(drawing)
  }

  override render(): TemplateResult {
    const now = Date.now()
    const timeline = timelineOf(this.sites, { now, width: this.width, margin, gap })
    const { marks } = timeline
    const at = Math.min(this.chosen, marks.length - 1)
    return html`<figure>
      <figcaption>
        <h2 id="heading">${t('ui.timeline')}</h2>
        <p>${this.#words(timeline)}</p>
      </figcaption>
      <div class="drawing">
        <svg role="group" aria-labelledby="heading" @keydown=${(event: KeyboardEvent) => this.#key(event, marks.length, at)}>
          ${this.width ? this.#drawing(marks, now, at) : nothing}
        </svg>
      </div>
      <div class="details" role="status">${marks[at] ? this.#details(marks[at]) : html`<p class="muted">${t('ui.timeline.none')}</p>`}</div>
    </figure>`
  }

  /** All that the drawing says, in words. */
  #words({ within, later, marks }: Timeline): string {
    const next = marks[0]?.sites[0]
    return [
      t('ui.timeline.within', { count: within, later }),
      next ? t('ui.timeline.next', { domain: next.domain, end: endWords(next.notAfter) }) : '',
    ]
      .filter(Boolean)
      .join(' ')
  }

  #drawing(marks: readonly Mark[], now: number, at: number): SVGTemplateResult {
    const { width } = this
    const steps = width < 460 ? [0, 45, 90] : [0, 15, 30, 45, 60, 75, 90]
    const day = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short' })
    return svg`<g aria-hidden="true">
        <line class="line" x1=${margin} x2=${width - margin} y1=${line} y2=${line}></line>
        ${steps.map(days => {
          const time = now + days * dayMs
          const x = xOf(time, { now, width, margin })
          const anchor = days === 0 ? 'start' : days === span ? 'end' : 'middle'
          const from = days === 0 ? 0 : days === span ? width : x
          return svg`<line class="tick" x1=${x} x2=${x} y1=${line + 18} y2=${line + 24}></line>
            <text x=${from} y=${line + 42} text-anchor=${anchor}>${days === 0 ? t('ui.timeline.today') : day.format(time)}</text>`
        })}
      </g>
      ${marks.map((mark, index) => this.#mark(mark, index, index === at))}`
  }

  #mark({ x, sites, health }: Mark, index: number, chosen: boolean): SVGTemplateResult {
    const several = sites.length > 1
    const ends = sites.map(({ notAfter }) => notAfter)
    const label = several
      ? t('ui.timeline.several', {
          count: sites.length,
          from: dateWords(ends[0] ?? ''),
          until: dateWords(ends.at(-1) ?? ''),
        })
      : `${sites[0]?.domain}: ${endWords(ends[0] ?? '')}`
    return svg`<g
      class="mark ${health} ${chosen ? 'chosen' : ''}"
      role="button"
      tabindex=${chosen ? 0 : -1}
      aria-pressed=${chosen ? 'true' : 'false'}
      aria-label=${`${label} (${t(`ui.health.${health}`)})`}
      data-index=${index}
      @click=${() => {
        this.chosen = index
      }}
    >
      <circle class="ring" cx=${x} cy=${line} r="17"></circle>
      ${shape(health, x, several)}
      ${several ? svg`<text x=${x} y=${line + 4} text-anchor="middle">${formatNumber(sites.length)}</text>` : nothing}
    </g>`
  }

  #details({ sites }: Mark): TemplateResult {
    const more = sites.length - mostListed
    return html`<ul>
      ${sites.slice(0, mostListed).map(
        site => html`<li>
          <a href=${tabOf(site.siteId)}>${site.domain}</a>
          <span>${endWords(site.notAfter)}</span>
          <nusa-ssl-badge state=${lookOf({ health: site.health, certificate: site })}></nusa-ssl-badge>
        </li>`,
      )}
      ${more > 0 ? html`<li class="muted">${t('ui.timeline.more', { count: more })}</li>` : nothing}
    </ul>`
  }

  #key(event: KeyboardEvent, count: number, at: number): void {
    const moves: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: count - 1,
      Enter: at,
      ' ': at,
    }
    const move = moves[event.key]
    if (move === undefined || !count) return
    event.preventDefault()
    this.chosen = Math.min(count - 1, Math.max(0, move))
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<SVGElement>(`[data-index="${this.chosen}"]`)?.focus(),
    )
  }
}

/** Told by form as well as by colour: round while all is well, a diamond to look at, a square where it fails. */
function shape(health: Mark['health'], x: number, several: boolean): SVGTemplateResult {
  const r = several ? 12 : 8
  if (health === 'warning') {
    const d = r * 1.25
    return svg`<path class="body" d="M${x} ${line - d}L${x + d} ${line}L${x} ${line + d}L${x - d} ${line}z"></path>`
  }
  if (health === 'failed')
    return svg`<rect class="body" x=${x - r} y=${line - r} width=${2 * r} height=${2 * r} rx="2"></rect>`
  return svg`<circle class="body" cx=${x} cy=${line} r=${r}></circle>`
}
