import { Refusal } from './refusals.js'
import { shown } from './shown.js'

/** A folder below the site's root. No `..`, hidden or empty segments, no leading hyphen. @throws Refusal */
export function parseDocumentRoot(input: string): string {
  const segments = input.split('/')
  if (
    input.length > 200 ||
    segments.length > 10 ||
    !segments.every(part => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(part))
  )
    throw new Refusal('path_form', { value: shown(input) })
  return input
}

/** A file name that directories are answered with. @throws Refusal */
export function parseIndex(input: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(input)) throw new Refusal('index_form', { value: shown(input) })
  return input
}

/** A path on the site. @throws Refusal */
export function parseErrorPage(input: string): string {
  const plain = /^\/[A-Za-z0-9._~/%+@-]{0,254}$/.test(input)
  if (!plain || input.split('/').some(part => part === '..' || part === '.'))
    throw new Refusal('error_page', { value: shown(input) })
  return input
}

/** A status that an error page may stand for. @throws Refusal */
export function parseErrorStatus(input: string): string {
  if (!/^[45]\d\d$/.test(input)) throw new Refusal('error_status', { value: shown(input) })
  return input
}
