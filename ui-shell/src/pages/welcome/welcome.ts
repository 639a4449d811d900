import { may, NusaElement, navigate, type Onboarding, onShellInfo, say, slotEntries, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { finish, type Passed, pass, passedSteps, recall, remember } from './progress.js'
import './plugins-step.js'
import './protect-step.js'
import './server-step.js'
import { t } from './texts.js'

interface Step {
  readonly id: string
  readonly title: string
  readonly lead?: string
  content(onboarding: Onboarding): TemplateResult
}

const marks: Readonly<Record<Passed, string>> = { done: 'check-circle', later: 'clock' }

/**
 * Leads whoever set the panel up from the second factor to the first site: steps of the shell, then those of plugins. Each has an
 * address; what was passed is remembered on the server, so that it goes on where it was left, in whichever browser.
 */
@customElement('nusa-welcome-page')
export class WelcomePage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .frame {
        display: grid;
        grid-template-columns: 224px minmax(0, 1fr);
        gap: 18px 34px;
        align-items: start;
      }
      nav {
        position: sticky;
        top: 74px;
      }
      li a {
        display: flex;
        align-items: center;
        gap: 9px;
        padding: 8px 10px;
        border-radius: var(--nusa-radius);
        color: var(--nusa-muted);
        text-decoration: none;
      }
      li a:hover {
        background: var(--nusa-hover);
      }
      li a[aria-current] {
        background: var(--nusa-accent-soft);
        color: var(--nusa-on-accent-soft);
        font-weight: 600;
      }
      .done nusa-icon {
        color: var(--nusa-success);
      }
      .where {
        display: none;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 22px;
        padding-top: 16px;
        border-top: 1px solid var(--nusa-border);
      }
      footer .last {
        margin-left: auto;
      }
      progress {
        display: block;
        width: 100%;
        height: 5px;
        margin-bottom: 16px;
        accent-color: var(--nusa-accent);
      }
      @media (max-width: 980px) {
        .frame {
          grid-template-columns: minmax(0, 1fr);
        }
        nav {
          display: none;
        }
        .where {
          display: block;
        }
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  /** Whether the step that is shown has done its part. */
  @state() private settled = false
  #stop: (() => void) | undefined
  readonly #onboarding: Onboarding = {
    settle: done => {
      this.settled = done
    },
    recall,
    remember,
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => this.requestUpdate())
    if (this.params.step) return
    const passed = passedSteps()
    const steps = this.#steps()
    const next = steps.find(({ id }) => !passed.has(id)) ?? steps[0]
    if (next) navigate(`/welcome/${next.id}`, { replace: true })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  #steps(): readonly Step[] {
    const own = (id: string, content: Step['content']): Step => ({
      id,
      title: t(`step.${id}`),
      lead: t(`step.${id}.lead`),
      content,
    })
    return [
      own('protect', each => html`<nusa-welcome-protect .onboarding=${each}></nusa-welcome-protect>`),
      ...(may('health:read')
        ? [own('server', each => html`<nusa-welcome-server .onboarding=${each}></nusa-welcome-server>`)]
        : []),
      ...(may('plugins:read')
        ? [own('plugins', each => html`<nusa-welcome-plugins .onboarding=${each}></nusa-welcome-plugins>`)]
        : []),
      ...slotEntries('onboarding.steps').map(({ plugin, element, title }) => ({
        id: element.replace(/^nusa-/, ''),
        title: say(title, plugin) || plugin,
        content: (onboarding: Onboarding) =>
          html`<nusa-contribution plugin=${plugin} element=${element} .properties=${{ onboarding }}></nusa-contribution>`,
      })),
    ]
  }

  #go(steps: readonly Step[], at: number): void {
    const step = steps[at]
    if (step) navigate(`/welcome/${step.id}`)
  }

  #onward(steps: readonly Step[], at: number): void {
    const step = steps[at]
    if (step) pass(step.id, this.settled ? 'done' : 'later')
    if (at + 1 < steps.length) this.#go(steps, at + 1)
    else {
      finish()
      navigate('/')
      toast(t('finished'), { tone: 'success' })
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.params.step) return nothing
    const steps = this.#steps()
    const at = steps.findIndex(({ id }) => id === this.params.step)
    const step = steps[at]
    if (!step)
      return html`<nusa-page heading=${t('gone')}>
        <nusa-empty icon="search" heading=${t('gone')} text=${t('gone.text')}>
          <nusa-button href="/welcome">${t('onward')}</nusa-button>
        </nusa-empty>
      </nusa-page>`
    const position = { number: at + 1, count: steps.length }
    return html`<nusa-page heading=${step.title} lead=${step.lead ?? ''}>
      <div class="frame">
        ${this.#list(steps, at)}
        <div>
          <div class="where">
            <p class="small muted">${t('position', position)}</p>
            <progress value=${at + 1} max=${steps.length} aria-label=${t('position', position)}></progress>
          </div>
          ${step.content(this.#onboarding)} ${this.#buttons(steps, at)}
        </div>
      </div>
    </nusa-page>`
  }

  #list(steps: readonly Step[], at: number): TemplateResult {
    const passed = passedSteps()
    return html`<nav aria-label=${t('steps')}>
      <ol>
        ${steps.map(({ id, title }, index) => {
          const how = passed.get(id)
          return html`<li class=${how ?? ''}>
            <a href="/welcome/${id}" aria-current=${index === at ? 'step' : nothing}
              ><nusa-icon name=${how ? marks[how] : 'circle'} label=${how ? t(`passed.${how}`) : t('passed.open')}></nusa-icon
              >${title}</a
            >
          </li>`
        })}
      </ol>
    </nav>`
  }

  #buttons(steps: readonly Step[], at: number): TemplateResult {
    const last = at + 1 === steps.length
    const onward = last ? 'finish' : this.settled ? 'onward' : 'later'
    return html`<footer>
      ${
        at > 0
          ? html`<nusa-button icon="arrow-left" @click=${() => this.#go(steps, at - 1)}>${t('back')}</nusa-button>`
          : nothing
      }
      ${last ? nothing : html`<nusa-button variant="quiet" href="/">${t('leave')}</nusa-button>`}
      <nusa-button
        class="last"
        variant=${this.settled || last ? 'primary' : 'default'}
        @click=${() => this.#onward(steps, at)}
        >${t(onward)}</nusa-button
      >
    </footer>`
  }
}
