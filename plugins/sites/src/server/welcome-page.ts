import type { Site } from '../api.js'

const texts = {
  en: {
    title: 'is ready',
    lead: 'This page stands here until you put your own files in its place.',
    where: 'Files of this site are in the folder',
  },
  id: {
    title: 'siap digunakan',
    lead: 'Halaman ini tampil sampai Anda menggantinya dengan berkas Anda sendiri.',
    where: 'Berkas situs ini ada di folder',
  },
} as const

/** The first page of a new site, in its maker's language. */
export function welcomePage({ unicodeDomain, documentRoot }: Site, locale: string): string {
  const language = locale.startsWith('id') ? 'id' : 'en'
  const { title, lead, where } = texts[language]
  const name = escaped(unicodeDomain)
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.125rem/1.6 system-ui, sans-serif; margin: 22vh auto; max-width: 34rem; padding: 0 1.25rem }
  h1 { font-size: clamp(1.6rem, 5vw, 2.4rem); line-height: 1.2; overflow-wrap: anywhere }
  code { font-size: .9em }
</style>
<h1>${name} ${title}</h1>
<p>${lead}</p>
<p>${where} <code>${escaped(documentRoot)}</code>.</p>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
