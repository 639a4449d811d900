/** Fired on `window` after the address changed, by a link, `navigate` or the back button. */
export const routeEvent = 'nusa-route'

/** Goes to a path of the shell without loading the page again. */
export function navigate(path: string, { replace = false } = {}): void {
  if (path === location.pathname + location.search + location.hash) replace = true
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  window.dispatchEvent(new Event(routeEvent))
}

/** `/sites/:id` against `/sites/42` → `{id: '42'}`; null when it does not match. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = segments(pattern)
  const given = segments(path)
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, name] of wanted.entries()) {
    const value = given[index] ?? ''
    if (name.startsWith(':')) {
      try {
        params[name.slice(1)] = decodeURIComponent(value)
      } catch {
        return null
      }
    } else if (name !== value) return null
  }
  return params
}

function segments(path: string): string[] {
  return path.split('/').filter(Boolean)
}

/**
 * A click that the shell should follow itself: a plain left click on a link to another page of the shell.
 * Links may sit in any shadow root, hence the composed path.
 */
export function linkOfClick(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return null
  for (const target of event.composedPath()) {
    if (!(target instanceof HTMLAnchorElement)) continue
    if (!target.href || target.target || target.hasAttribute('download') || target.origin !== location.origin)
      return null
    if (target.pathname.startsWith('/api/')) return null
    return target.pathname + target.search + target.hash
  }
  return null
}
