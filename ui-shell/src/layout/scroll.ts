/** After the last movement before a position is remembered; browsers limit how often a history entry may change. Milliseconds. */
const rest = 150
/** How long a page may take to grow to where the reader was. Milliseconds. */
const patience = 2_000

/**
 * Remembers in each entry of the history how far its page was scrolled, and goes there again when the reader comes back to it
 * or reloads. The browser's own way would be too early: pages fill themselves after they are shown.
 */
export function keepScroll(): () => void {
  history.scrollRestoration = 'manual'
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopRestoring = restore()
  const scrolled = () => {
    clearTimeout(timer)
    timer = setTimeout(() => history.replaceState({ ...history.state, scroll: window.scrollY }, ''), rest)
  }
  const moved = () => {
    clearTimeout(timer)
    stopRestoring()
    stopRestoring = restore()
  }
  addEventListener('scroll', scrolled, { passive: true })
  addEventListener('popstate', moved)
  return () => {
    clearTimeout(timer)
    stopRestoring()
    removeEventListener('scroll', scrolled)
    removeEventListener('popstate', moved)
  }
}

/** Scrolls as soon as the page is long enough, unless the reader moves first. */
function restore(): () => void {
  const wanted = (history.state as { readonly scroll?: number } | null)?.scroll ?? 0
  if (!wanted) return () => {}
  const end = performance.now() + patience
  let frame = 0
  const stop = () => cancelAnimationFrame(frame)
  const attempt = () => {
    window.scrollTo(0, wanted)
    if (Math.abs(window.scrollY - wanted) > 1 && performance.now() < end) frame = requestAnimationFrame(attempt)
  }
  frame = requestAnimationFrame(attempt)
  for (const event of ['wheel', 'keydown', 'touchstart', 'pointerdown'])
    addEventListener(event, stop, { once: true, passive: true })
  return stop
}
