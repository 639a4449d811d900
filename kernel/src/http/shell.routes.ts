import { createHash } from 'node:crypto'
import { Joi, object } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { Preferences } from '../auth/preferences.js'
import { preferenceSchema } from '../auth/preferences.routes.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { kernelVersion } from '../host/places.js'
import { Catalogues } from '../i18n/catalogues.js'
import { locales } from '../i18n/locale.js'
import { Notifications } from '../notifications/notifications.js'
import { Content } from './content.js'
import type { KernelRequest } from './kernel-request.js'
import type { RouteRegistry } from './route-registry.js'
import { UiRegistry } from './ui-registry.js'

interface LocaleParams {
  readonly locale: string
}

const message = Joi.object({ code: Joi.string().required(), params: Joi.object() })
const contributed = {
  plugin: Joi.string().required(),
  element: Joi.string().required(),
  title: message,
  order: Joi.number(),
}
const shellInfo = Joi.object({
  version: Joi.string(),
  profile: Joi.string(),
  signedIn: Joi.boolean().required(),
  locales: Joi.array().items(Joi.string()).required(),
  pages: Joi.array()
    .items(
      Joi.object({
        plugin: Joi.string().required(),
        path: Joi.string().required(),
        element: Joi.string().required(),
        nav: Joi.object({
          title: message.required(),
          icon: Joi.string().required(),
          order: Joi.number(),
          shortcut: Joi.string(),
        }),
        command: Joi.object({ title: message.required(), icon: Joi.string().required() }),
      }),
    )
    .required(),
  slots: Joi.object()
    .pattern(Joi.string(), Joi.array().items(Joi.object(contributed)))
    .required(),
  extensions: Joi.object()
    .pattern(Joi.string(), Joi.array().items(Joi.object({ ...contributed, key: Joi.string().required() })))
    .required(),
  bundles: Joi.object().pattern(Joi.string(), Joi.string()).required(),
  preferences: Joi.object().pattern(Joi.string(), preferenceSchema).required(),
  unread: Joi.number(),
})

/** What the shell asks when a page loads: its contributions, and the texts of a language. */
@scoped(Lifecycle.ContainerScoped)
export class ShellRoutes {
  /** JSON texts by `<language> <everything?>`, of one generation of the catalogues. */
  readonly #texts = new Map<string, { readonly text: string; readonly etag: string }>()
  #generation = -1

  constructor(
    @inject(CONFIG) private readonly config: Config,
    private readonly ui: UiRegistry,
    private readonly catalogues: Catalogues,
    private readonly preferences: Preferences,
    private readonly notifications: Notifications,
  ) {}

  register(registry: RouteRegistry): void {
    // Says that the answer of `GET /shell` may be another now.
    registry.addStream('kernel', { topic: 'shell', permission: 'authenticated' })
    registry.add('kernel', {
      operation: 'shell.describe',
      method: 'GET',
      path: '/shell',
      permission: 'public',
      summary: 'Pages, slots, form parts and bundles that the reader may see',
      response: shellInfo,
      cli: false,
      handler: request => this.#describe(request),
    })
    registry.add('kernel', {
      operation: 'messages.get',
      method: 'GET',
      path: '/messages/:locale',
      permission: 'public',
      summary: 'Texts of a language by owner and key',
      params: object<LocaleParams>({
        locale: Joi.string()
          .valid(...locales)
          .required(),
      }),
      response: Joi.object().pattern(Joi.string(), Joi.object().pattern(Joi.string(), Joi.string())),
      cli: false,
      handler: (request: KernelRequest<LocaleParams>) => this.#messages(request),
    })
  }

  async #describe({ actor }: KernelRequest) {
    const signedIn = actor.assurance === 'full'
    const { profile } = this.config
    return {
      ...(signedIn && { version: kernelVersion, profile, unread: await this.notifications.unread(actor) }),
      signedIn,
      locales,
      ...this.ui.contributions(actor),
      preferences: signedIn ? await this.preferences.list(actor) : {},
    }
  }

  /** Who is not signed in gets the kernel's and the shell's own texts: names of plugins are nobody else's business. */
  async #messages({ actor, params }: KernelRequest<LocaleParams>): Promise<Content> {
    if (this.#generation !== this.catalogues.generation) this.#texts.clear()
    this.#generation = this.catalogues.generation
    const everything = actor.assurance === 'full'
    const key = `${params.locale} ${everything}`
    const made = this.#texts.get(key) ?? this.#make(params.locale, everything)
    this.#texts.set(key, made)
    const headers = { 'Cache-Control': 'private, no-cache' }
    return new Content('application/json', made.text, { etag: made.etag, compress: true, headers })
  }

  #make(locale: string, everything: boolean): { readonly text: string; readonly etag: string } {
    const owners = Object.entries(this.catalogues.all(locale)).filter(
      ([owner]) => everything || owner === 'kernel' || owner === 'shell',
    )
    const text = JSON.stringify(Object.fromEntries(owners))
    return { text, etag: createHash('sha256').update(text).digest('base64url').slice(0, 22) }
  }
}
