import { hasMessage, t, translator } from './messages.js'

export interface ProblemField {
  /** Dotted path of the input, `aliases.0`. */
  readonly path: string
  readonly code: string
  readonly message: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** `application/problem+json` (RFC 9457) as the panel sends it. */
export interface ProblemBody {
  readonly status: number
  readonly code: string
  readonly title?: string
  readonly detail?: string
  readonly message?: string
  readonly remedy?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly fields?: readonly ProblemField[]
  /** `urn:uuid:…` of the request, as in the panel's log. */
  readonly instance?: string
}

/** A refusal or failure that the reader is told about: cause, remedy, and the fields it concerns. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  readonly fields: readonly ProblemField[]

  constructor(readonly body: ProblemBody) {
    super(body.message ?? body.detail ?? body.title ?? body.code)
    this.status = body.status
    this.code = body.code
    this.params = body.params ?? {}
    this.fields = body.fields ?? []
  }

  /** The panel, or what stands before it, does not answer now; the same request may work a moment later. */
  get passing(): boolean {
    return this.status === 0 || [502, 503, 504].includes(this.status)
  }

  /** What is wrong, in the language shown now when a catalogue has it, else as the server said it. */
  get reason(): string {
    const known = fromCatalogue(`problem.${this.code}`, this.code, this.params)
    // Of a plugin that is off, or a newer panel: no texts, and a code alone is no sentence.
    return known ?? (this.message === this.code ? t('problem.unexplained', { code: this.code }) : this.message)
  }

  get remedy(): string | undefined {
    return fromCatalogue(`problem.${this.code}.remedy`, this.code, this.params) ?? this.body.remedy
  }
}

function fromCatalogue(key: string, code: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const owner = code.includes('.') ? (code.split('.')[0] ?? 'kernel') : 'kernel'
  return hasMessage(key, owner) ? translator(owner)(key, params) : undefined
}

/** The text of one bad field: from the catalogue under `field.<code>`, else the server's English. */
export function fieldText(field: ProblemField): string {
  const values = { label: field.path, ...field.params }
  return fromCatalogue(`field.${field.code}`, 'kernel', values) ?? field.message
}

/** Anything thrown, as a problem that can be shown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ApiProblem({ status: 0, code: 'shell_failure', detail: message, params: { message } })
}
