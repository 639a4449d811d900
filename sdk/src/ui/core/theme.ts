export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'nusa.theme'
const listeners = new Set<() => void>()
const dark = matchMedia('(prefers-color-scheme: dark)')

// Another tab of this browser chose, or the operating system did.
addEventListener('storage', ({ key }) => {
  if (key === storageKey) showTheme()
})
dark.addEventListener('change', () => showTheme())

export function theme(): Theme {
  const stored = localStorage.getItem(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Shows and remembers a theme. Without a choice the page follows the operating system. */
export function setTheme(next: Theme): void {
  if (next === 'system') localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, next)
  showTheme()
}

/** Told after every choice. Answers with how to stop listening. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * The page always says light or dark itself: where its style says `light dark` and the operating system changes its mind,
 * Chromium leaves some elements within shadow roots in the colours of before.
 */
export function showTheme(): void {
  const chosen = theme()
  document.documentElement.dataset.theme = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen
  for (const listener of listeners) listener()
}
