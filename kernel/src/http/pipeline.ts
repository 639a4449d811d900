import { type Actor, anonymous, Problem, type ResourceRow } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Resources } from '../rbac/resources.js'
import { Actors } from './actors.js'
import { type Attempt, AuditTrail } from './audit-trail.js'
import { type ChangeOptions, changeOptions } from './change-headers.js'
import { Content } from './content.js'
import { BodyTooLarge, NotFound } from './errors.js'
import type { Exchange } from './exchange.js'
import { Guards } from './guards.js'
import type { KernelRequest } from './kernel-request.js'
import { Metrics } from './metrics.js'
import { ProblemDocuments } from './problem-document.js'
import { parseQuery } from './query.js'
import { readBody } from './read-body.js'
import type { RegisteredRoute } from './registered-route.js'
import { Responder, sendProblem } from './responder.js'
import { Traffic } from './traffic.js'
import { type Inputs, type Validators, validate } from './validation.js'

/**
 * Takes one request through its route, in this order: who is it, is the sign-in complete, is it the site's own request, may the
 * actor, is the input well-formed and valid, is the resource the actor's, and only then the handler. Every stage throws;
 * nothing it returns can let a request through.
 */
@scoped(Lifecycle.ContainerScoped)
export class Pipeline {
  readonly #responder = new Responder()

  constructor(
    private readonly actors: Actors,
    private readonly guards: Guards,
    private readonly resources: Resources,
    private readonly audit: AuditTrail,
    private readonly problems: ProblemDocuments,
    private readonly metrics: Metrics,
    private readonly traffic: Traffic,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Never rejects: whatever happens becomes an answer, or the end of the connection. */
  async handle(route: RegisteredRoute, validators: Validators, exchange: Exchange): Promise<void> {
    let actor: Actor = anonymous
    try {
      actor = await this.actors.of(exchange)
      if (actor.kind !== 'anonymous') this.traffic.used()
      const result = await this.#run(route, validators, exchange, actor)
      if (result instanceof Content && result.options.live) exchange.markLive()
      await this.#responder.send(route, exchange, result)
    } catch (error) {
      this.fail(exchange, error, localeOf(actor, exchange), route)
    }
    if (actor.kind !== 'anonymous') this.traffic.used()
    this.metrics.requested(route.operation, exchange.response.statusCode, performance.now() - exchange.startedAt)
  }

  /** Answers with the problem in the reader's language; what is no Problem is logged and told as `internal`. */
  fail(exchange: Exchange, error: unknown, locale = exchange.acceptedLocale, route?: RegisteredRoute): void {
    const { response, request } = exchange
    if (!(error instanceof Problem) || error.status >= 500) {
      const where = { requestId: exchange.id, operation: route?.operation, method: request.method }
      if (!exchange.signal.aborted) this.logger.error({ err: error, ...where }, 'request failed')
    }
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    // What is left of an oversized body is not worth reading to keep the connection.
    if (BodyTooLarge.is(error)) response.shouldKeepAlive = false
    sendProblem(response, this.problems.make(error, exchange.id, locale), { 'X-Request-Id': exchange.id })
  }

  async #run(route: RegisteredRoute, validators: Validators, exchange: Exchange, actor: Actor): Promise<unknown> {
    const attempt: Attempt = { actor, requestId: exchange.id }
    try {
      this.guards.check(route, actor, exchange.request)
    } catch (error) {
      await this.audit.failed(route, attempt, error, true)
      throw error
    }
    const query = parseQuery(exchange.request.url ?? '')
    const options = changeOptions(route, exchange.request.headers, query)
    const body = await readBody(exchange.request, route.bodyLimit)
    const inputs = validate(validators, {
      params: route.params ? { ...exchange.request.params } : undefined,
      query: route.query || Object.keys(query).length > 0 ? query : undefined,
      body,
    })
    return this.#act(route, exchange, inputs, options, { ...attempt, ...inputs, dryRun: options.dryRun })
  }

  async #act(
    route: RegisteredRoute,
    exchange: Exchange,
    inputs: Inputs,
    options: ChangeOptions,
    attempt: Attempt,
  ): Promise<unknown> {
    const params = inputs.params as Record<string, unknown> | undefined
    const target = params && Object.values(params)[0]
    const named = { ...attempt, ...(target !== undefined && { target: String(target) }) }
    try {
      const resource = await this.#resource(route, attempt.actor, params)
      const result = await route.handler(this.#request(route, exchange, inputs, options, attempt.actor, resource))
      await this.audit.succeeded(route, named)
      return result
    } catch (error) {
      await this.audit.failed(route, named, error, false)
      throw blameParameter(route, error)
    }
  }

  async #resource(
    route: RegisteredRoute,
    actor: Actor,
    params: Record<string, unknown> | undefined,
  ): Promise<ResourceRow | undefined> {
    if (!route.resource) return undefined
    const { type, param } = route.resource
    const found = await this.resources.find(actor, type, String(params?.[param]))
    if (!found) throw NotFound({ type })
    return found
  }

  #request(
    route: RegisteredRoute,
    exchange: Exchange,
    { params, query, body }: Inputs,
    options: ChangeOptions,
    actor: Actor,
    resource: ResourceRow | undefined,
  ): KernelRequest {
    const { response } = exchange
    return {
      id: exchange.id,
      operation: route.operation,
      actor,
      params,
      query: query ?? {},
      body,
      signal: exchange.signal,
      ...(resource && { resource }),
      ...options,
      setCookie: value => response.appendHeader('Set-Cookie', value),
      userAgent: exchange.header('user-agent'),
      address: exchange.address,
      locale: localeOf(actor, exchange),
      header: name => exchange.header(name),
    }
  }
}

/** Says of what was not found which part of the path named it, where only one can have. */
function blameParameter(route: RegisteredRoute, error: unknown): unknown {
  if (!(error instanceof Problem) || error.status !== 404 || error.fields.length > 0) return error
  const [path, ...more] = [...route.path.matchAll(/:(\w+)/g)].map(match => match[1] ?? '')
  if (path === undefined || more.length > 0) return error
  const { code, params } = error
  return new Problem(code, 404, params, [{ path, in: 'path', code, message: code, params }], { cause: error.cause })
}

/** A person's own choice; everyone else says it with each request. */
/** A page that was switched to a language asks in exactly that one; whoever signed in speaks their own otherwise. */
function localeOf(actor: Actor, exchange: Exchange): string {
  if (exchange.chosenLocale) return exchange.chosenLocale
  return actor.kind === 'user' && actor.assurance === 'full' ? actor.locale : exchange.acceptedLocale
}
