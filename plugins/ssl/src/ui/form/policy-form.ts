import { type ChangeRequest, type FormValues, formatNumber } from '@nusantara/sdk/ui'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate, TlsPolicy } from '../../api.js'
import { t } from '../texts.js'
import { ChangeForm } from './change-form.js'

type Hsts = Pick<TlsPolicy, 'hsts' | 'hstsSubdomains'>

/** How long browsers shall insist on HTTPS, from a try to for good; by what each is called. */
const stages: Readonly<Record<string, Hsts>> = {
  off: { hsts: 0, hstsSubdomains: false },
  minutes: { hsts: 300, hstsSubdomains: false },
  week: { hsts: 604_800, hstsSubdomains: false },
  year: { hsts: 31_536_000, hstsSubdomains: false },
  years: { hsts: 63_072_000, hstsSubdomains: true },
}

/** The stage that a policy is at; empty when somebody chose something between. */
function stageOf({ hsts, hstsSubdomains }: Hsts): string {
  const found = Object.entries(stages).find(
    ([, stage]) => stage.hsts === hsts && (hsts === 0 || stage.hstsSubdomains === hstsSubdomains),
  )
  return found?.[0] ?? 'own'
}

/** How a site answers once it has a certificate. */
@customElement('nusa-ssl-policy')
export class PolicyForm extends ChangeForm {
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private stage = ''
  /** Something differs from what is saved. */
  @state() private unsaved = false
  protected override readonly live = true
  /** What the fields were filled with. */
  #filled = ''

  protected override get label(): string {
    return t('ui.policy')
  }

  protected override get submitText(): string {
    return t('ui.policy.submit')
  }

  /** What somebody else has changed meanwhile is shown, and what was typed on top of it is not kept. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('standing')) return
    const policy = JSON.stringify(this.standing.policy)
    if (policy === this.#filled) return
    this.#filled = policy
    this.#discard()
  }

  #discard = (): void => {
    this.stage = stageOf(this.standing.policy)
    this.unsaved = false
    this.reset()
  }

  protected override typed(): void {
    super.typed()
    this.unsaved = this.request(this.form.values) !== undefined
  }

  #wanted({ redirect, hsts, profile }: FormValues): TlsPolicy {
    const { policy } = this.standing
    const kept = { hsts: policy.hsts, hstsSubdomains: policy.hstsSubdomains }
    return {
      redirect: Boolean(redirect),
      ...(stages[String(hsts)] ?? kept),
      profile: profile as TlsPolicy['profile'],
    }
  }

  protected override request(values: FormValues): ChangeRequest | undefined {
    const { policy, siteId } = this.standing
    const wanted = this.#wanted(values)
    const changed = Object.entries(wanted).filter(([key, value]) => policy[key as keyof TlsPolicy] !== value)
    if (!changed.length) return undefined
    return { method: 'PATCH', path: `/ssl/sites/${siteId}`, body: Object.fromEntries(changed) }
  }

  #chosen = ({ detail }: CustomEvent<{ name: string; value: string }>): void => {
    if (detail.name === 'hsts') this.stage = detail.value
  }

  protected override fields(): TemplateResult {
    const { policy } = this.standing
    const names = [...Object.keys(stages), ...(stageOf(policy) === 'own' ? ['own'] : [])]
    const seconds = formatNumber(policy.hsts)
    return html`<div class="fields" @nusa-change=${this.#chosen}>
      <nusa-checkbox
        name="redirect"
        label=${t('ui.policy.redirect')}
        hint=${t('ui.policy.redirect.hint')}
        ?checked=${policy.redirect}
      ></nusa-checkbox>
      <div class="stack">
        <nusa-select
          name="hsts"
          label=${t('ui.policy.hsts')}
          hint=${t('ui.policy.hsts.hint')}
          value=${stageOf(policy)}
          .options=${names.map(stage => ({ value: stage, label: t(`ui.policy.hsts.${stage}`, { seconds }) }))}
        ></nusa-select>
        ${this.#warning()}
      </div>
      <nusa-radio-cards
        name="profile"
        label=${t('ui.policy.profile')}
        value=${policy.profile}
        .options=${(['intermediate', 'modern'] as const).map(profile => ({
          value: profile,
          label: t(`ui.policy.profile.${profile}`),
          description: t(`ui.policy.profile.${profile}.text`),
        }))}
      ></nusa-radio-cards>
    </div>`
  }

  #warning(): TemplateResult | typeof nothing {
    if (!(this.stage in stages) || this.stage === 'off') return nothing
    return html`<nusa-callout tone=${this.stage === 'minutes' ? 'info' : 'warning'} alert>
      ${t(`ui.policy.warning.${this.stage}`)}
    </nusa-callout>`
  }

  protected override buttons(): TemplateResult | typeof nothing {
    if (!this.unsaved) return nothing
    return html`<div class="row buttons">
      <nusa-button variant="primary" @click=${() => void this.form.submit()}>${this.submitText}</nusa-button>
      <nusa-button variant="quiet" @click=${this.#discard}>${t('ui.policy.discard')}</nusa-button>
    </div>`
  }
}
