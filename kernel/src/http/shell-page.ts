import { createHash } from 'node:crypto'

/** `manifest.json` of the built shell. URLs are absolute paths on this server. */
export interface ShellManifest {
  /** Module name → URL, the import map of the page. */
  readonly imports: Readonly<Record<string, string>>
  readonly entry: string
  readonly styles: readonly string[]
  /** Of the browser's tab; a URL, also `data:`. */
  readonly icon: string
  /** Text of a script that runs before anything is painted. */
  readonly early: string
  /** Modules fetched together with the entry. */
  readonly preload: readonly string[]
}

export interface ShellPage {
  readonly html: string
  /** CSP sources of its inline scripts. */
  readonly scripts: readonly string[]
}

/** The one HTML document there is. Its inline scripts, the early one and the import map, are allowed by their hashes. */
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
${manifest.styles.map(href => `<link rel="stylesheet" href="${attribute(href)}">`).join('\n')}
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
  return { html, scripts: [manifest.early, map].map(source) }
}

/** CSP Level 3, §2.3.1 hash-source. */
function source(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
