import { api, asProblem, type ChangeRequest, type FormValues } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import type { Authority, ChallengeType, SiteCertificate } from '../../api.js'
import { keyWords, t } from '../texts.js'
import type { Items, Provider } from '../wire.js'
import { ChangeForm } from './change-form.js'
import type { NamesField } from './names-field.js'
import './names-field.js'
import { Readiness } from './readiness.js'

const keyTypes = ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096']
const profiles = ['classic', 'tlsserver', 'shortlived']

/** Asks an authority for a certificate; says before, live, what would stand in the way of it. */
@customElement('nusa-ssl-issue')
export class IssueForm extends ChangeForm {
  static override styles = [
    ...ChangeForm.styles,
    css`
      .check {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 14px;
        min-height: 30px;
        margin-top: 8px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private authorities: readonly Authority[] | undefined
  @state() private providers: readonly Provider[] = []
  @state() private error: unknown
  @state() private authority = ''
  @state() private challenge: ChallengeType = 'http-01'
  @query('nusa-ssl-names') private names!: NamesField | null
  readonly #readiness = new Readiness(this)

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      const [authorities, providers] = await Promise.all([
        api.get<Items<Authority>>('/ssl/authorities'),
        api.get<Items<Provider>>('/ssl/providers'),
      ])
      const { order } = this.standing
      this.providers = providers.items
      this.challenge = order?.challenge ?? 'http-01'
      this.authority =
        order?.authority ?? authorities.items.find(each => each.default)?.id ?? authorities.items[0]?.id ?? ''
      this.authorities = authorities.items
      this.#check()
    } catch (error) {
      this.error = error
    }
  }

  #check = (): void => {
    const { authority, challenge } = this
    void this.#readiness.ask({ siteId: this.standing.siteId, authority, challenge })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('standing')
    if (before && this.authorities && before.names.join() !== this.standing.names.join()) this.#check()
  }

  protected override get label(): string {
    return t('ui.get')
  }

  protected override get submitText(): string {
    return t('ui.issue.submit')
  }

  protected override request(values: FormValues): ChangeRequest {
    return { method: 'POST', path: `/ssl/sites/${this.standing.siteId}/issue`, body: values }
  }

  override render(): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
    return this.authorities ? super.render() : html`<nusa-skeleton lines="8"></nusa-skeleton>`
  }

  #chosen = ({ detail }: CustomEvent<{ name: string; value: string }>): void => {
    if (detail.name === 'authority') this.authority = detail.value
    else if (detail.name === 'challenge') this.challenge = detail.value as ChallengeType
    else return
    this.#check()
  }

  protected override fields(): TemplateResult {
    const { order, names } = this.standing
    const dns = this.challenge === 'dns-01'
    return html`<div class="fields" @nusa-change=${this.#chosen}>
      <nusa-select
        name="authority"
        label=${t('ui.issue.authority')}
        value=${this.authority}
        .options=${(this.authorities ?? []).map(({ id, name, default: usual }) => ({
          value: id,
          label: usual ? t('ui.issue.authority.default', { name }) : name,
        }))}
      ></nusa-select>
      <nusa-radio-cards
        name="challenge"
        label=${t('ui.issue.challenge')}
        value=${this.challenge}
        .options=${[
          { value: 'http-01', icon: 'globe', label: t('ui.issue.http'), description: t('ui.issue.http.text') },
          {
            value: 'dns-01',
            icon: 'list',
            label: t('ui.issue.dns'),
            description: t(this.providers.length ? 'ui.issue.dns.text' : 'ui.issue.dns.none'),
            disabled: !this.providers.length,
          },
        ]}
      ></nusa-radio-cards>
      ${
        dns
          ? html`<nusa-select
            name="provider"
            label=${t('ui.issue.provider')}
            value=${order?.provider ?? this.providers[0]?.id ?? ''}
            .options=${this.providers.map(({ id, name }) => ({ value: id, label: name }))}
          ></nusa-select>`
          : nothing
      }
      <div>
        <nusa-ssl-names
          name="names"
          label=${t('ui.issue.names')}
          .names=${names}
          .findings=${this.#readiness.findings}
          ?checking=${this.#readiness.checking}
          ?wildcards=${dns}
        ></nusa-ssl-names>
        ${this.#checked()}
      </div>
      <details>
        <summary>${t('ui.more')}</summary>
        <div class="fields">
          <div class="pair">
            <nusa-select
              name="keyType"
              label=${t('ui.issue.key')}
              hint=${t('ui.issue.key.hint')}
              value=${order?.keyType ?? 'ec256'}
              .options=${keyTypes.map(type => ({ value: type, label: keyWords(type) }))}
            ></nusa-select>
            <nusa-text-field
              name="profile"
              label=${t('ui.issue.profile')}
              hint=${t('ui.issue.profile.hint')}
              value=${order?.profile ?? ''}
              .suggestions=${profiles}
              optional
            ></nusa-text-field>
          </div>
          <nusa-checkbox
            name="exportable"
            label=${t('ui.issue.exportable')}
            hint=${t('ui.issue.exportable.hint')}
            ?checked=${order?.exportable ?? false}
          ></nusa-checkbox>
        </div>
      </details>
    </div>`
  }

  /** How the check of the names went, in a sentence, and the way to have it again. */
  #checked(): TemplateResult {
    const { checking, error, findings = [] } = this.#readiness
    const names = [...new Set(findings.map(({ name }) => name))]
    const ready = names.filter(name => !findings.some(each => each.name === name && each.status === 'failed')).length
    const words = checking
      ? t('ui.check.running.text')
      : error
        ? asProblem(error).reason
        : t('ui.check.done', { ready, count: names.length })
    return html`<div class="check">
      <span role="status">${words}</span>
      <nusa-button small icon="refresh" ?busy=${checking} @click=${this.#check}>${t('ui.check.again')}</nusa-button>
      ${
        // Only where something is left to be certified.
        !checking && ready > 0 && ready < names.length
          ? html`<nusa-button small icon="close" @click=${() => this.names?.leaveOut(this.names.failing)}
              >${t('ui.check.leave')}</nusa-button
            >`
          : nothing
      }
    </div>`
  }
}
