import { may, navigate, say, shellInfo, t } from '@nusantara/sdk/ui'
import { mayVisit, ownPages } from '../routes.js'
import { openJobs } from './jobs-drawer.js'

/** The reader turned single keys off, as WCAG 2.2, 2.1.4 asks; then only those with Ctrl or ⌘ count. */
export const offKey = 'shortcuts.off'

/** After `g`, for the letter that says where to. Milliseconds. */
const goMs = 1_500

export interface Shortcuts {
  palette(): void
  help(): void
}

export interface Destination {
  readonly key: string
  readonly path: string
  readonly label: string
}

/** Pages that a letter after `g` leads to; of two with one letter the shell's own, then the first. */
export function destinations(): readonly Destination[] {
  const own = ownPages
    .filter(page => page.nav && mayVisit(page))
    .map(({ path, nav }) => ({ key: nav?.shortcut, path, label: t(nav?.key ?? '') }))
  const named = shellInfo().pages.filter(page => page.nav)
  const contributed = named.map(({ path, nav, plugin }) => ({
    key: nav?.shortcut,
    path,
    label: say(nav?.title, plugin),
  }))
  const known = new Map<string, Destination>()
  for (const { key, path, label } of [...own, ...contributed])
    if (key !== undefined && !known.has(key)) known.set(key, { key, path, label })
  return [...known.values()]
}

/** Follows the keyboard. Single keys count where nothing is typed and no dialog is open. Answers with how to stop. */
export function followKeys({ palette, help }: Shortcuts): () => void {
  let goingAt = Number.NEGATIVE_INFINITY
  const listen = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      palette()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (shellInfo().preferences[offKey] || isTyping(event) || document.querySelector(':modal')) return
    const going = performance.now() - goingAt < goMs
    goingAt = Number.NEGATIVE_INFINITY
    const to = going ? destinations().find(({ key }) => key === event.key) : undefined
    if (to) navigate(to.path)
    else if (event.key === 'g') goingAt = performance.now()
    else if (event.key === '?') help()
    else if (event.key === '/') {
      event.preventDefault()
      palette()
    } else if (event.key === 'j' && may('jobs:read')) openJobs()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}

/** The event's own target is the outermost element; what has the focus is the innermost. */
function isTyping(event: KeyboardEvent): boolean {
  const [inner] = event.composedPath()
  return inner instanceof HTMLElement && (inner.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(inner.tagName))
}
