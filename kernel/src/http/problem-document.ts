import { type FieldProblem, Problem } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { STATUS_CODES } from '../host/node-http.js'
import { Catalogues } from '../i18n/catalogues.js'
import { Internal } from './errors.js'

/** An error on the wire (RFC 9457, `application/problem+json`), in the reader's language. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The request, as in the log. */
  readonly instance: string
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  /** The thing and the cause. */
  readonly message: string
  /** What to do about it. */
  readonly remedy?: string
  readonly fields?: readonly FieldProblem[]
}

/** Words problems in any language from the catalogues. */
@scoped(Lifecycle.ContainerScoped)
export class ProblemDocuments {
  constructor(private readonly catalogues: Catalogues) {}

  /** An error that is no Problem tells nothing but its request id. */
  make(error: unknown, requestId: string, locale: string): ProblemDocument {
    const problem = error instanceof Problem ? error : Internal()
    const { code, status, params, fields } = problem
    const message = this.catalogues.format(locale, `problem.${code}`, params)
    const remedy = `problem.${code}.remedy`
    return {
      type: `urn:nusantara:problem:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: message,
      instance: `urn:uuid:${requestId}`,
      code,
      params,
      message,
      ...(this.#known(locale, remedy) && { remedy: this.catalogues.format(locale, remedy, params) }),
      ...(fields.length > 0 && { fields: fields.map(field => this.#field(field, locale)) }),
    }
  }

  #field(field: FieldProblem, locale: string): FieldProblem {
    // A problem that blames one field says itself what is wrong with it, and what to do.
    const own = `field.${field.code}`
    const keys = this.#known(locale, own) ? [own] : [`problem.${field.code}`, `problem.${field.code}.remedy`]
    const texts = keys
      .filter(key => this.#known(locale, key))
      .map(key => this.catalogues.format(locale, key, { label: field.path, ...field.params }))
    return texts.length > 0 ? { ...field, message: texts.join(' ') } : field
  }

  #known(locale: string, key: string): boolean {
    return this.catalogues.has(locale, key) || this.catalogues.has('en', key)
  }
}
