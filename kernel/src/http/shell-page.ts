import { createHash } from 'node:crypto'
import type { InlineSources } from './security-headers.js'

/** `manifest.json` of the built shell. URLs are absolute paths on this server. */
export interface ShellManifest {
  /** Module name → URL, the import map of the page. */
  readonly imports: Readonly<Record<string, string>>
  readonly entry: string
  /** Text of the page's own style sheet; that of elements is in their scripts. */
  readonly style: string
  /** Of the browser's tab; a URL, also `data:`. */
  readonly icon: string
  /** Text of a script that runs before anything is painted. */
  readonly early: string
  /** Modules fetched together with the entry. */
  readonly preload: readonly string[]
}

export interface ShellPage {
  readonly html: string
  /** CSP sources of what stands in it. */
  readonly inline: InlineSources
}

/** The one HTML document there is. What stands in it, the early script, the import map and the style, is allowed by its hash. */
export function renderShellPage(manifest: ShellManifest, locale: string): ShellPage {
  const map = JSON.stringify({ imports: manifest.imports }).replaceAll('<', '\\u003c')
  const html = `<!doctype html>
<html lang="${attribute(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Nusantara Panel</title>
<link rel="icon" href="${attribute(manifest.icon)}">
<style>${manifest.style}</style>
<script>${manifest.early}</script>
<script type="importmap">${map}</script>
${manifest.preload.map(href => `<link rel="modulepreload" href="${attribute(href)}">`).join('\n')}
<script type="module" src="${attribute(manifest.entry)}"></script>
</head>
<body>
<nusa-shell></nusa-shell>
<noscript>Nusantara Panel needs JavaScript. / Nusantara Panel memerlukan JavaScript.</noscript>
</body>
</html>
`
  return { html, inline: { scripts: [manifest.early, map].map(source), styles: [source(manifest.style)] } }
}

/** CSP Level 3, §2.3.1 hash-source. */
function source(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
