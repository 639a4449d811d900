import type { FormValues } from '@nusantara/sdk/ui'
import type { PhpRuntime, Runtime, Runtimes, Site } from '../../api.js'

/** What the forms hold: text as it is typed, under the paths of the request's body. */
interface Typed {
  readonly domain?: string
  readonly aliases?: string
  readonly index?: string
  readonly documentRoot?: string
  readonly uploadLimit?: string
  readonly runtime?: Readonly<Record<string, unknown>>
}

/** `POST /sites`; what is the default is left out. */
export function newSiteBody(values: FormValues, runtimes: Runtimes | undefined): FormValues {
  const { aliases, index, runtime, documentRoot, uploadLimit, ...rest } = values as Typed
  const names = list(aliases)
  const files = list(index)
  return {
    ...rest,
    runtime: typedRuntime(runtime),
    ...(names.length > 0 && { aliases: names }),
    ...(files.length > 0 && { index: files }),
    ...(documentRoot && documentRoot !== runtimes?.defaults.documentRoot && { documentRoot }),
    ...(uploadLimit && uploadLimit !== runtimes?.defaults.uploadLimit && { uploadLimit }),
  }
}

/** `PATCH /sites/:id` with its names. */
export function domainsBody(values: FormValues): FormValues {
  const { domain, aliases } = values as Typed
  return { domain, aliases: list(aliases) }
}

export function savedDomains({ unicodeDomain, aliases }: Site): FormValues {
  return { domain: unicodeDomain, aliases }
}

/**
 * `PATCH /sites/:id` with what it serves. Settings that another form shows stay; index files are left to the server while
 * nobody chose them for the new runtime.
 */
export function runtimeBody(values: FormValues, site: Site): FormValues {
  const { index, runtime, documentRoot, uploadLimit } = values as Typed
  const kept = site.runtime.type === runtime?.type ? site.runtime : undefined
  const files = list(index)
  return {
    runtime: { ...kept, ...typedRuntime(runtime) },
    ...(documentRoot && { documentRoot }),
    ...(files.length > 0 && { index: files }),
    ...(uploadLimit && { uploadLimit }),
  }
}

export function savedRuntime({ runtime, documentRoot, index, uploadLimit }: Site): FormValues {
  return {
    runtime,
    ...(hasFiles(runtime.type) && { documentRoot, index }),
    ...(runtime.type !== 'redirect' && { uploadLimit }),
  }
}

/** `PATCH /sites/:id` with PHP's settings; an empty one goes back to its default. */
export function phpBody(values: FormValues, { version }: PhpRuntime): FormValues {
  const { settings, processes } = (values as Typed).runtime ?? {}
  return { runtime: { type: 'php', version, settings: flat(settings), processes } }
}

export function savedPhp(runtime: PhpRuntime): FormValues {
  return { runtime }
}

/** Whether a runtime serves files of the document folder. */
export function hasFiles(type: Runtime['type']): boolean {
  return type === 'static' || type === 'php'
}

/** Equal as JSON, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  )
}

function typedRuntime(runtime: Typed['runtime']): Record<string, unknown> {
  const { status, ...rest } = runtime ?? {}
  return { ...rest, ...(status !== undefined && { status: Number(status) }) }
}

/** `{opcache: {enable: 'on'}}`, which a form makes of names with dots, as `{'opcache.enable': 'on'}`. */
function flat(value: unknown, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value ?? {}).flatMap(([key, part]): [string, unknown][] =>
      part && typeof part === 'object' ? Object.entries(flat(part, `${prefix}${key}.`)) : [[`${prefix}${key}`, part]],
    ),
  )
}

function list(text = ''): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
