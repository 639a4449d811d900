import { hasMessage, locale, t } from '@nusantara/sdk/ui'

export type PluginState =
  | 'discovered'
  | 'rejected'
  | 'resolved'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'failed'

/** An entry of `GET /api/v1/plugins`, as far as it is shown. */
export interface PluginInfo {
  readonly id: string
  readonly version: string | null
  readonly displayName: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly state: PluginState
  readonly enabled: boolean
  /** Why it does not run, in the language of the request. */
  readonly why: {
    readonly code: string
    readonly params: Readonly<Record<string, unknown>>
    readonly message: string
    readonly remedy: string
  } | null
  readonly dependants: readonly string[]
  /** Programs that this machine lacks. */
  readonly missing: readonly { readonly command: string; readonly package: string }[]
  readonly cost: { readonly startMs: number; readonly heapBytes: number } | null
}

/** Of texts by language, the reader's, else the English one. */
export function inLanguage(texts: Readonly<Record<string, string>>, otherwise = ''): string {
  return texts[locale()] ?? texts.en ?? otherwise
}

/** Why it does not run, in the language shown now. */
export function whyNot({ why }: PluginInfo): { readonly cause: string; readonly remedy: string } | null {
  if (!why) return null
  const key = `problem.${why.code}`
  if (!hasMessage(key, 'kernel')) return { cause: why.message, remedy: why.remedy }
  const remedy = `${key}.remedy`
  return { cause: t(key, why.params), remedy: hasMessage(remedy, 'kernel') ? t(remedy, why.params) : '' }
}
