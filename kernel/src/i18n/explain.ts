import 'reflect-metadata'
import { Problem } from '@nusantara/sdk'

/** An error as a person at a terminal reads it: what, why, and what to do, in the language of `LANG`. */
export async function explain(error: unknown, env: NodeJS.ProcessEnv): Promise<string> {
  if (!(error instanceof Problem)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { Catalogues } = await import('./catalogues.js')
  const texts = new Catalogues()
  const locale = /^id([_.]|$)/.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'id' : 'en'
  return [`problem.${error.code}`, `problem.${error.code}.remedy`]
    .filter(key => texts.has(locale, key))
    .map(key => texts.format(locale, key, error.params))
    .join('\n  ')
}
