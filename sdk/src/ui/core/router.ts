/** Fired on `window` after the address changed, by a link, `navigate` or the back button. */
export const routeEvent = 'nusa-route'

/** Asks the reader whether to leave; `leave` goes where they wanted to. */
type Ask = (leave: () => void) => void

const holds = new Map<Ask, string>()

/**
 * Keeps the reader on this page while something in it is unsaved: `ask` is called instead of following a link, `navigate`
 * to another page or the back button; closing the window is asked about by the browser. Answers with how to let go.
 */
export function holdPage(ask: Ask): () => void {
  holds.set(ask, location.pathname)
  window.addEventListener('beforeunload', closing)
  return () => {
    holds.delete(ask)
    if (!holds.size) window.removeEventListener('beforeunload', closing)
  }
}

/** Whether somebody asks now, instead of going. */
function held(go: () => void): boolean {
  const [first] = holds
  if (!first) return false
  const [ask] = first
  ask(() => {
    holds.delete(ask)
    if (!held(go)) go()
  })
  return true
}

function closing(event: BeforeUnloadEvent): void {
  if (holds.size) event.preventDefault()
}

/** Follows the back button. Answers with how to stop. */
export function followHistory(): () => void {
  window.addEventListener('popstate', wentBack)
  return () => window.removeEventListener('popstate', wentBack)
}

function wentBack(): void {
  const [kept] = holds.values()
  if (kept === undefined || location.pathname === kept) {
    window.dispatchEvent(new Event(routeEvent))
    return
  }
  const wanted = location.pathname + location.search + location.hash
  history.pushState(null, '', kept)
  held(() => go(wanted, false))
}

/** Goes to a path of the shell without loading the page again. */
export function navigate(path: string, { replace = false } = {}): void {
  const elsewhere = new URL(path, location.href).pathname !== location.pathname
  if (elsewhere && held(() => go(path, replace))) return
  go(path, replace)
}

function go(path: string, replace: boolean): void {
  const same = path === location.pathname + location.search + location.hash
  history[replace || same ? 'replaceState' : 'pushState'](null, '', path)
  window.dispatchEvent(new Event(routeEvent))
}

/** Would lead elsewhere as part of a path of the API: no id holds it. */
const unsafe = /[/?#\\]|^\.{1,2}$/

/** `/sites/:id` against `/sites/42` → `{id: '42'}`; null when it does not match. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = segments(pattern)
  const given = segments(path)
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, name] of wanted.entries()) {
    const value = given[index] ?? ''
    if (name.startsWith(':')) {
      const decoded = decode(value)
      if (decoded === null || unsafe.test(decoded)) return null
      params[name.slice(1)] = decoded
    } else if (name !== value) return null
  }
  return params
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
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
